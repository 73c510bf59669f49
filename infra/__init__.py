"""All that knows NATS, Postgres, Redis, processes and the environment."""

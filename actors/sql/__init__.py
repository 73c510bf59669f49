"""What actors keep in Postgres: one Postgres schema per owner, one module per table or kind of statement."""

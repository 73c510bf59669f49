"""`python -m infra.cli` is `ttm`."""

from infra.cli import app

app()

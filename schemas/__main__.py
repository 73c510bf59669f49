"""`python -m schemas` prints the contract as a Markdown page, with `--asyncapi` as an AsyncAPI 3 document."""

import argparse
from importlib.metadata import version

import msgspec

from schemas.asyncapi import document
from schemas.contract import markdown

parser = argparse.ArgumentParser(prog="python -m schemas", description="Print the contract of the bus.")
parser.add_argument("--asyncapi", action="store_true", help="as an AsyncAPI 3 document (JSON)")

if parser.parse_args().asyncapi:
    described = msgspec.json.encode(document(version("team-task-manager")))
    print(msgspec.json.format(described, indent=2).decode())
else:
    print(markdown(), end="")

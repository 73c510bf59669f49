import msgspec
import pytest

from gateway.errors import STATUS
from schemas.errors import BusError, ErrorCode


def test_every_code_has_a_status_of_http() -> None:
    assert {*STATUS} == {*ErrorCode}


def test_a_number_that_nobody_declared_is_an_internal_error() -> None:
    assert ErrorCode(418) is ErrorCode.INTERNAL


@pytest.mark.parametrize("code", ErrorCode)
def test_an_error_survives_the_bus(code: ErrorCode) -> None:
    said = BusError(code, "détail\n", field="title", current=b'{"id":1}')

    heard = BusError.decode(code.value, said.encode())

    assert vars(heard) == vars(said)


def test_an_error_says_only_what_it_was_given() -> None:
    assert msgspec.json.decode(BusError(ErrorCode.NOT_FOUND, "no such task").encode()) == {
        "code": "NOT_FOUND",
        "detail": "no such task",
    }

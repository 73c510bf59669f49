"""Where calls come from."""

from ipaddress import IPv6Address, ip_address

from aiohttp import web


class Peers:
    """Tells addresses; `trust_proxy` when there is a proxy before us, and no other way in."""

    def __init__(self, *, trust_proxy: bool) -> None:
        self._trust_proxy = trust_proxy

    def address(self, request: web.Request) -> str:
        """The peer's address, or what the proxy says of its own: the last entry; all others anybody can make up."""
        said = request.headers.getall("X-Forwarded-For", [""])[-1] if self._trust_proxy else ""
        return _plain(said.rpartition(",")[2].strip()) or _plain(request.remote or "") or "unknown"

    def counted(self, request: web.Request) -> str:
        """What tries are counted by: of IPv6 only the network, because whoever has one address there has 2^64."""
        text = self.address(request)
        if ":" not in text:
            return text
        return f"{IPv6Address(int(IPv6Address(text)) >> 64 << 64)}/64"


def _plain(text: str) -> str:
    """An address in its usual form, or nothing."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)

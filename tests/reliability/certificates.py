"""Make certificates of every kind, good and bad, with the program openssl."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.programs import require_program

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Hold the files of one certificate and its key, PEM."""

    cert: Path
    key: Path


class Authority:
    """Be one certificate authority, with its files in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder / name
        self._folder.mkdir()
        self.own = Certificate(self._folder / "ca.pem", self._folder / "ca.key")
        _openssl(
            *("req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={name}"),
            *("-keyout", self.own.key, "-out", self.own.cert),
        )

    def issue(
        self,
        name: str,
        *,
        use: str = "clientAuth",
        days: int = 2,
        alternatives: str = "IP:127.0.0.1",
    ) -> Certificate:
        """Sign a certificate with the subject CN=`name`; below 0 `days` it has expired."""
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request, extensions = self._folder / "request", self._folder / "extensions"
        extensions.write_text(f"subjectAltName={alternatives}\nextendedKeyUsage={use}\n", "ascii")
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", made.key, "-out", request)
        _openssl(
            *("x509", "-req", "-in", request, "-CA", self.own.cert, "-CAkey", self.own.key),
            *("-days", str(days), "-extfile", extensions, "-out", made.cert),
        )
        return made


def client_context(
    trusted: Path,
    presented: Certificate | None = None,
    version: ssl.TLSVersion | None = None,
) -> ssl.SSLContext:
    """Make a client's context that trusts one authority; `version`: that one and no other."""
    context = ssl.create_default_context(cafile=str(trusted))
    if version is not None:
        # What is not even offered would prove nothing about the gateway.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    if presented is not None:
        context.load_cert_chain(presented.cert, presented.key)
    return context


def _openssl(*arguments: str | Path) -> None:
    subprocess.run([require_program("openssl"), *arguments], check=True, capture_output=True)

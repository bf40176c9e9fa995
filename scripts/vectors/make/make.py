#!/usr/bin/python3
"""Makes the hashes of test/passwords/vectors with other programs than Authgraft, and says which they were.

Debian 12 has them: python3-passlib, python3-django, python3-werkzeug, python3-bcrypt, python3-argon2, python3-scrypt,
python3-cryptography, php-cli, apache2-utils, whois, hashcat, openssl, and npm for what better-auth and Lucia make. Salts are the
same at each run where a program takes one; the few rows that PHP's password_hash() and htpasswd make are others each time.

    /usr/bin/python3 scripts/vectors/make/make.py
"""

import json
import sys
import warnings
from importlib import import_module, metadata

warnings.filterwarnings("ignore")
sys.dont_write_bytecode = True

from django.conf import settings  # noqa: E402

from common import HERE, run  # noqa: E402

FAMILIES = (
    "argon2",
    "bcrypt",
    "crypt",
    "digests",
    "firebase",
    "javascript",
    "keycloak",
    "ldap",
    "markers",
    "pbkdf2",
    "phpass",
    "scrypt",
    "spring",
)
PACKAGES = ("passlib", "Django", "Werkzeug", "bcrypt", "argon2-cffi", "scrypt", "cryptography")
PROGRAMS = (
    ("PHP", ["php", str(HERE / "hashes.php"), "version"]),
    ("OpenSSL", ["openssl", "version"]),
    ("hashcat", ["hashcat", "--version"]),
    ("apache2-utils", ["dpkg-query", "--show", "--showformat", "${Version}", "apache2-utils"]),
    ("whois", ["dpkg-query", "--show", "--showformat", "${Version}", "whois"]),
    ("libcrypt1", ["dpkg-query", "--show", "--showformat", "${Version}", "libcrypt1:amd64"]),
    ("Node.js", ["node", "--version"]),
)

OUTPUT = HERE.parents[2] / "test" / "passwords" / "vectors"


def main():
    settings.configure(PASSWORD_HASHERS=[])
    print("Python", sys.version.split()[0])
    for package in PACKAGES:
        print(package, metadata.version(package))
    for name, command in PROGRAMS:
        print(name, run(command))
    OUTPUT.mkdir(exist_ok=True)
    for family in FAMILIES:
        rows = import_module(f"families.{family}_").rows()
        text = json.dumps(rows, ensure_ascii=False, indent=2)
        (OUTPUT / f"{family}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{family}.json: {len(rows)} rows")


if __name__ == "__main__":
    main()

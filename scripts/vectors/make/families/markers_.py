"""What says that nobody signs in, what is refused by name, and what is nobody's."""

import crypt  # The system's crypt(3): libxcrypt.

from common import PLAIN, malformed, salt_text, unidentified, unusable

USELESS = (
    ("", "nothing at all"),
    ("!", "shadow(5): no password"),
    ("*", "shadow(5): no password"),
    ("!!", "shadow(5): never had a password"),
    ("!" + "9wa845vn7098ythaehasldkfj", "Django's writing of set_unusable_password()"),
    ("!$6$rounds=1000$abcdefgh$" + "a" * 86, "passwd -l: locked"),
)

#: Settings of crypt(3) for what is recognised and refused by name.
REFUSED = (("yescrypt", "$y$j75$"), ("gost-yescrypt", "$gy$j75$"), ("sunmd5", "$md5,rounds=1$"))

NOBODYS = (
    (" ", "a space"),
    ("correct horse battery staple", "a password in the clear"),
    ("$", "a dollar"),
    ("$99$abcdefgh$abcdefgh", "a number of crypt(3) that there is not"),
    ("{UNHEARD}abcdefgh", "a scheme that there is not"),
    ("ada@example.com", "an address"),
    ("\u0000\u0001\u0002", "control characters"),
    ("𝔞𝔡𝔞", "letters beyond the basic plane"),
)


def rows():
    refused = [
        malformed(name, crypt.crypt(PLAIN, setting + salt_text(8, name) + "$"), "made by libxcrypt; refused by name")
        for name, setting in REFUSED
    ]
    return (
        [unusable("unusable", stored, why) for stored, why in USELESS]
        + refused
        + [unidentified("none", stored, f"by hand: {why}") for stored, why in NOBODYS]
    )

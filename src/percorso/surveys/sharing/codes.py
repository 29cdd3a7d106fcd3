"""QR codes of a survey's address, sized for print."""

from dataclasses import dataclass
from io import BytesIO

import segno

# Width of the printed code with its margin, in millimetres.
SIZES = (30, 50, 100)
DOTS_PER_INCH = 300
MILLIMETRES_PER_INCH = 25.4
# A quarter of the code may be dirty or torn.
LEVEL = "q"
MARGIN = 4
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True)
class Code:
    """The code of an address; `title` is what screen readers and file viewers call it."""

    address: str
    title: str

    @property
    def made(self) -> segno.QRCode:
        """The code itself, light margin not counted."""
        return segno.make(self.address, error=LEVEL, micro=False)

    @property
    def modules(self) -> int:
        """How many squares it is wide, with its margin."""
        return int(self.made.symbol_size(border=MARGIN)[0])

    def inline(self) -> str:
        """Return it as an element of a page, as large as the page makes it."""
        return self.made.svg_inline(
            border=MARGIN, omitsize=True, title=self.title, light="#fff", svgclass="qr", lineclass=None
        )

    def content(self, form: str, millimetres: int) -> bytes:
        """Return a file, ``svg`` or ``png``, that prints as wide as told (a PNG has whole dots, so it is a little off)."""
        if form == "svg":
            size = f'width="{millimetres}mm" height="{millimetres}mm" shape-rendering="crispEdges"'
            return self.inline().replace("<svg", f'<svg xmlns="http://www.w3.org/2000/svg" {size}', 1).encode()
        out = BytesIO()
        dots = max(1, round(millimetres / MILLIMETRES_PER_INCH * DOTS_PER_INCH / self.modules))
        self.made.save(out, kind="png", border=MARGIN, scale=dots, dpi=DOTS_PER_INCH)
        return out.getvalue()

"""Draws only what is seen of the widgets of a screen, and of that only what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.strip import Strip

    Chops = list[dict[int, Strip | None]]


class SparingCompositor(Compositor):
    """Puts together what Textual's own does, for less.

    Textual draws every widget that touches the smallest rectangle around all that has changed: where the first line and
    the last one have, that is the whole screen, with all the containers that nothing is seen of.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        """What has changed since the last time; None where nothing has."""
        regions = self._dirty_regions.copy()
        self._dirty_regions.clear()
        spans = [*self._regions_to_spans(self.size.region.intersection(region) for region in regions)]
        if not spans:
            return None
        ends = [cuts[1:] for cuts in self.cuts]
        missing: dict[int, set[int]] = {}
        for y, first, last in spans:
            found = {cut for cut, end in zip(self.cuts[y], ends[y], strict=False) if cut < last and end > first}
            missing.setdefault(y, set()).update(found)
        return ChopsUpdate(cast("Sequence[Mapping[int, Strip | None]]", self._chops(missing)), spans, ends)

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        lines = [y for y in crop.line_range if y < len(self.cuts) and is_rendered_line(y)]
        return cast("Sequence[Mapping[int, Strip]]", self._chops({y: set(self.cuts[y][:-1]) for y in lines}))

    def _chops(self, missing: dict[int, set[int]]) -> Chops:
        """The pieces of each line by where they start, of which only these are drawn.

        Args:
            missing: what to draw, by line; used up.
        """
        cuts = self.cuts
        chops: Chops = [dict.fromkeys(line[:-1]) for line in cuts]
        for widget, (region, clip) in self.visible_widgets.items():  # from front to back: what is there first is seen
            shown = region.intersection(clip)
            first, last = shown.column_span
            lines = [y for y in shown.line_range if any(first <= cut < last for cut in missing.get(y, ()))]
            if not lines:
                continue
            top, bottom = lines[0], lines[-1] + 1
            strips = widget.render_lines(Region(shown.x - region.x, top - region.y, shown.width, bottom - top))
            for y in lines:
                ends = [cut for cut in cuts[y] if first <= cut <= last]
                pieces = strips[y - top].divide([cut - first for cut in ends[1:]])
                for cut, piece in zip(ends, pieces, strict=False):
                    if cut in missing[y]:
                        missing[y].remove(cut)
                        chops[y][cut] = piece
                if not missing[y]:
                    del missing[y]
            if not missing:
                break
        return chops

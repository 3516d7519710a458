"""One run in every form in which it is shown: the figures are the same, because they come from one place."""

from __future__ import annotations

import asyncio
import io
import json
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from ftui.history import keeping
from ftui.history.expect import Expectations
from ftui.history.keeping import Keeper
from ftui.history.overview import overview
from ftui.history.recorder import Recorder
from ftui.history.store import History
from ftui.model import Bucket, Outcome
from ftui.report import figures, history_html
from ftui.report import history as forms
from ftui.report.json_report import JsonReport
from ftui.report.stream import Stream
from ftui.report.text import Text
from ftui.report.trace import trace
from ftui.state import State
from ftui.tui.tune_lines import tune_lines
from ftui.tui.widgets.totals import totals
from ftui.tuning.text import lines_of
from tests.report.stream_of_events import Terminal, begun, ended, finished, started
from tests.tui.tuners import TUNED, TUNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = (
    begun("ruff", "mypy", "pytest"),
    finished("ruff", Outcome.PASSED, at=0.01, bucket=Bucket.HIT, duration_s=1.25, attempts=0),
    started("mypy", 0.1),
    started("pytest", 0.2),
    finished("mypy", Outcome.PASSED, 2.125, at=2.225, started_s=0.1),
    finished("pytest", Outcome.FAILED, 3.375, at=3.575, bucket=Bucket.POLICY_RERUN, started_s=0.2),
    ended(4.0),
)


class Shown:
    """The run as text, as a JSON report, as the line of the screen, and as it is kept."""

    def __init__(self, root: Path, path: Path) -> None:
        out, target = Terminal(), io.BytesIO()
        text, report, state = Text(Stream(out)), JsonReport(target), State()

        async def feed() -> None:
            recorder = Recorder(Keeper(str(root), pytest.fail, Expectations(str(root)), {}), pytest.fail)
            for event in EVENTS:
                shown = state.apply(event)
                for front_end in (text, report, recorder):
                    front_end.write(shown, state)
            await recorder.finish()

        asyncio.run(feed())
        self.text = out.getvalue()
        self.report = json.loads(target.getvalue())
        self.screen = totals(state, 200).plain
        self.history = History(str(path), pytest.fail, read_only=True)


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """The run in every form."""
    path = tmp_path / "history" / "abc" / "history-1.sqlite"
    monkeypatch.setattr(keeping, "history_file", lambda repository: str(path))
    monkeypatch.setattr(keeping, "histories_folder", lambda: str(path.parent.parent))
    shown = Shown(tmp_path, path)
    yield shown
    shown.history.close()


def test_a_run_has_the_same_figures_in_every_form(shown: Shown) -> None:
    run, counts = shown.report["run"], shown.report["totals"]
    assert (run["wall_s"], run["busy_s"], counts["time_saved_s"]) == pytest.approx((3.475, 5.5, 1.25))
    found = overview(shown.history, shown.history.runs())
    kept = json.loads(forms.json(found))["runs"][0]
    assert (kept["run"], kept["totals"]) == (run, counts)
    assert json.loads(trace(found.runs[0]))["otherData"]["run"] == run
    wall, saved = figures.duration(run["wall_s"]), figures.duration(counts["time_saved_s"])
    parallel, efficiency = f"{run['parallelization_factor']:.1f}x", f"{counts['structural_efficiency']:.0%}"
    for form in (shown.text, shown.screen):
        for words in (f"wall {wall}", f"parallel {parallel}", f"saved {saved}", f"efficiency {efficiency}"):
            assert words in form
        assert "hit 1 · policy-rerun 1 · miss 1" in form
    line = next(forms.text(found, results=False)), *forms.text(found, results=False)
    page = history_html.page(found, name="x", made_at=0.0)
    for cell in (wall, parallel, efficiency, saved):
        assert cell in re.split(r" {2,}", line[2])
        assert f"<td>{cell}</td>" in page


def test_a_result_has_the_same_figures_in_every_form(shown: Shown) -> None:
    report = {check["id"]: check for check in shown.report["checks"]}
    kept = {sample.result.check: sample.result for sample in shown.history.samples()}
    found = overview(shown.history, shown.history.runs())
    told = "\n".join(forms.text(found, results=True))
    for name, check in report.items():
        took = figures.duration(check["duration_s"])
        assert kept[name].duration_s == check["duration_s"]
        assert re.search(rf"{name} +{took} ", shown.text)
        assert re.search(rf"^{name} .* {took}( |$)", told, re.MULTILINE)


def test_advice_has_the_same_figures_in_text_in_json_and_on_the_screen() -> None:
    told = json.loads(msgspec.json.encode(TUNING))
    text = "\n".join(lines_of(TUNING, ""))
    page = "\n".join("".join(part for part, _ in line) for line in tune_lines(TUNED, 1_700_000_000.0, 120).lines)

    def spread(estimate: dict[str, float]) -> str:
        middle, low, high = (figures.duration(estimate[name]) for name in ("middle_s", "low_s", "high_s"))
        return f"{middle} ({low} to {high})"

    estimates = [told["wall"], told["measured"], *(advice["saves"] for advice in told["advice"])]
    for figure in map(spread, estimates):
        assert figure in text
        assert figure in page
    for point in told["curve"]:
        row = rf"{point['workers']}\b.*{re.escape(figures.duration(point['wall']['middle_s']))}"
        assert re.search(row, text)
        assert re.search(row, page)
    for span in told["critical_path"]:
        taken = figures.duration(span["end_s"] - span["start_s"])
        assert f"{span['check']} {taken}" in text
        assert re.search(rf"{span['check']} +{taken}", page)
    assert f"{told['runs']} runs" in text.partition("\n")[0]
    assert f"{told['runs']} runs" in page.partition("\n")[0]

"""Help pages, served from here so that they are there without the internet, and the tour of five steps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags
from django.views.decorators.http import require_GET, require_POST

from reviewapp.core.accounts import services
from reviewapp.core.errors import Invalid
from reviewapp.core.web import palette
from reviewapp.core.web.palette import Entry
from reviewapp.core.web.people import person


@dataclass(frozen=True, slots=True)
class Page:
    """One help page: where it is, what it is called, whom it helps."""

    slug: str
    title: str
    about: str
    icon: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a help page: its anchor, its heading, its words in lower case for the search."""

    page: Page
    anchor: str
    title: str
    words: str


PAGES = {
    page.slug: page
    for page in (
        Page("start", "How it works", "The loop, who does what, and where to begin.", "circle-help"),
        Page("reviewing", "Reviewing cases", "Verdicts, reasons, evidence, drafts and deadlines.", "pen-line"),
        Page("escalations", "Deciding escalations", "The second person: approve, reject, return.", "scale"),
        Page(
            "releases", "Releasing versions", "What changed, is it better, stages, guards, the way back.", "git-branch"
        ),
        Page("decisions", "Reading decisions", "Why it decided so, what followed, what can be proved.", "fingerprint"),
        Page("agents", "Connecting an agent", "Contract, key, first decision, people's answers.", "bot"),
        Page("notices", "Notices", "What you are told, by which way, and when it is quiet.", "bell"),
        Page(
            "keyboard", "Keyboard and access", "Working without a mouse, with a screen reader, at any size.", "keyboard"
        ),
        Page("roles", "Roles and four eyes", "Who may do what, and what nobody may do alone.", "users"),
        Page("words", "Words", "What the terms on these pages mean.", "book-open"),
    )
}

_SECTION = re.compile(r'<section[^>]*\sid="([a-z-]+)"[^>]*>\s*<h2[^>]*>(.*?)</h2>(.*?)</section>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tour: where it is best seen, what it is called, and what there is to see."""

    url_name: str
    title: str
    text: str


TOUR = (
    Step(
        "corrections:home",
        "Your work waits in queues",
        "An agent decides. What is risky, uncertain or drawn as a sample waits here for people, the most urgent first. "
        "Press S, or Start reviewing, to take a case; it is yours for a while and nobody else gets it.",
    ),
    Step(
        "corrections:home",
        "A case: evidence first, then your verdict",
        "Left the inputs with their source and the agent's reasons, right your review. A agrees, C corrects, U says that "
        "nobody can tell. Everything you type is kept as a draft. Ctrl and Enter submit it and bring the next case.",
    ),
    Step(
        "corrections:escalations",
        "What is risky needs a second person",
        "A correction that meets a risk rule counts only when somebody else approves it, never its author. Here they "
        "see both sides, the rule, and what it would change.",
    ),
    Step(
        "policies:releases",
        "Corrections become the next version",
        "What people agreed on is frozen and learned from. A version says in words what changed, is measured on cases it "
        "never saw, and is approved by a second person before it decides anything.",
    ),
    Step(
        "agents:decisions",
        "Every decision can be followed",
        "Open any decision to see its input, the rule and the version that decided, who corrected it, and what was learned "
        "from it. The tour ends here; help is at the foot of the navigation, and ? shows every key.",
    ),
)
DONE = len(TOUR) + 1


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the help pages, or the sections that hold the words typed."""
    typed = request.GET.get("q", "").strip()[:80]
    found = list(search(typed)) if typed else []
    return render(request, "help/index.html", {"pages": PAGES.values(), "q": typed, "found": found})


@require_GET
def page(request: HttpRequest, topic: str) -> HttpResponse:
    """Show one help page."""
    if topic not in PAGES:
        raise Http404
    context = {"page": PAGES[topic], "pages": PAGES.values(), "sections": sections(topic)}
    return render(request, f"help/{topic}.html", context)


@require_POST
def tour(request: HttpRequest) -> HttpResponse:
    """Go to a step of the tour, or end it: `step` is 1 to 5, or 6 for the end."""
    try:
        step = int(request.POST.get("step", ""))
    except ValueError:
        step = 0
    if not 1 <= step <= DONE:
        raise Invalid("There is no such step.", fields={"step": f"Use a number from 1 to {DONE}."})
    services.move_tour(user=person(request), step=step)
    if step == DONE:
        return redirect("/")
    return redirect(TOUR[step - 1].url_name)


def step_of(user: Any) -> dict[str, Any] | None:
    """Return the step of the tour a person is at, for the page to show; None before the tour and after it."""
    at = getattr(user, "tour_step", 0)
    if not 1 <= at < DONE:
        return None
    return {"number": at, "of": len(TOUR), "step": TOUR[at - 1], "next": at + 1, "before": at - 1, "done": DONE}


@cache
def sections(slug: str) -> tuple[Section, ...]:
    """Return the sections of a help page, read from its template once for each process."""
    shown = render_to_string(f"help/{slug}.html", {"page": PAGES[slug], "pages": (), "sections": ()})
    return tuple(
        Section(PAGES[slug], anchor, strip_tags(title), f"{strip_tags(title)} {strip_tags(body)}".casefold())
        for anchor, title, body in _SECTION.findall(shown)
    )


def search(typed: str) -> Iterator[Section]:
    """Yield the sections that hold every word typed, those with the words in their heading first."""
    every = [section for slug in PAGES for section in sections(slug)]
    held = [section for section in every if palette.matches(typed, section.words)]
    yield from sorted(held, key=lambda section: not palette.matches(typed, section.title))


def find_help(user: Any, typed: str) -> Iterator[Entry]:
    """Yield help for the palette."""
    for section in search(typed):
        href = f"{reverse('help-page', args=[section.page.slug])}#{section.anchor}"
        yield Entry(section.title, href, "circle-help", section.page.title)


def exists(slug: str, anchor: str) -> bool:
    """Say whether a help page has this section."""
    return slug in PAGES and any(section.anchor == anchor for section in sections(slug))


palette.register("Help", find_help)

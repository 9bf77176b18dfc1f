"""Templates as they are kept: what is the same at every request is there already, and pages stay the same."""

from django.template import Context, Engine
from django.template.base import TextNode

from reviewapp.core.web import folding

_SOURCES = {
    "addresses.html": '<a href="{% url "shortcuts" %}">a</a>{% static "css/app.css" %}{% icon "bot" "sm" %}',
    "address_with_argument.html": '{% url "nowhere" one %}',
    "inner.html": "<b>{{ word }}</b>",
    "plain_include.html": 'x{% include "inner.html" %}y',
    "include_with.html": '{% include "inner.html" with word="given" %}{{ word }}',
    "include_only.html": '{% include "inner.html" only %}{{ word }}',
    "branches.html": '{% if word %}{% include "inner.html" %}{% else %}{% icon "x" %}{% endif %}',
    "changing.html": "{% for one in many %}{% ifchanged one %}{{ one }}{% endifchanged %}{% endfor %}",
    "include_changing.html": '{% for _ in "ab" %}{% include "changing.html" %}{% endfor %}',
    "tree.html": '{{ at.name }}{% for at in at.parts %}({% include "tree.html" %}){% endfor %}',
    "child.html": '{% extends "parent.html" %}{% block main %}{% include "inner.html" %}{% endblock %}',
    "parent.html": '[{% block main %}{% endblock %}{% url "shortcuts" %}]',
}


def _engine(loader: str) -> Engine:
    loaders = [(loader, [("django.template.loaders.locmem.Loader", _SOURCES)])]
    return Engine(
        loaders=loaders, builtins=["reviewapp.core.web.templatetags.ui", "django.templatetags.static"], autoescape=True
    )


def test_loader__any_template__renders_as_unfolded():
    context = {
        "word": "<i>",
        "many": [1, 1, 2],
        "at": {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c"}]}]},
    }
    folded, plain = _engine("reviewapp.core.web.folding.Loader"), _engine("django.template.loaders.cached.Loader")

    for name in sorted(_SOURCES.keys() - {"address_with_argument.html"}):
        for _ in range(2):
            assert folded.get_template(name).render(Context(context)) == plain.get_template(name).render(
                Context(context)
            ), name


def test_loader__nothing_depends_on_the_request__one_text_is_left():
    nodes = _engine("reviewapp.core.web.folding.Loader").get_template("addresses.html").nodelist

    assert [type(node) for node in nodes] == [TextNode]
    assert 'href="/shortcuts' in nodes[0].s


def test_loader__address_needs_an_argument__is_left_for_the_request():
    nodes = _engine("reviewapp.core.web.folding.Loader").get_template("address_with_argument.html").nodelist

    assert [type(node).__name__ for node in nodes] == ["URLNode"]


def test_constant__marks_and_returns_the_function():
    def drawn() -> str:
        return "x"

    assert folding.constant(drawn) is drawn
    assert drawn.constant is True

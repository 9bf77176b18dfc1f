"""What is the same on every page is worked out once, when a template is read, and not at every request.

Folded are addresses without arguments, static files, tags marked `constant` whose arguments are literals, and includes
of a literal name, whose nodes are put in place. Neighbouring texts become one. Pages stay the same byte for byte; only
state that an included template would keep to itself (`cycle`, `ifchanged`, a tag's `as`) keeps its include from it.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.template import Context, Node, NodeList, Template, TemplateDoesNotExist
from django.template.base import FilterExpression, TextNode
from django.template.defaulttags import CycleNode, IfChangedNode, URLNode, WithNode
from django.template.exceptions import TemplateSyntaxError
from django.template.library import SimpleNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.template.loaders import cached
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape

_OWN_STATE = (BlockNode, CycleNode, ExtendsNode, IfChangedNode)
Drawing = TypeVar("Drawing", bound=Callable[..., Any])


def constant(function: Drawing) -> Drawing:
    """Mark a simple tag whose answer depends on nothing but its arguments."""
    function.constant = True  # type: ignore[attr-defined]  # read by `_folded`
    return function


class Loader(cached.Loader):
    """Keeps templates as the cached loader does, folded."""

    def __init__(self, engine: Any, loaders: Any) -> None:
        """Begin with an empty store."""
        super().__init__(engine, loaders)
        self.folding: set[str] = set()

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """Return a template from the store, or read and fold it."""
        known = self.cache_key(template_name, skip) in self.get_template_cache
        template: Template = super().get_template(template_name, skip)
        if not known:
            self.folding.add(template_name)
            _fold(template.nodelist, self)
            self.folding.discard(template_name)
        return template


def _fold(nodes: NodeList, loader: Loader) -> None:
    folded: list[Node] = []
    for node in nodes:
        for child in _children(node):
            _fold(child, loader)
        for one in _folded(node, loader):
            if isinstance(one, TextNode) and folded and isinstance(folded[-1], TextNode):
                folded[-1] = _text(folded[-1].s + one.s, folded[-1])
            else:
                folded.append(one)
    nodes[:] = folded


def _children(node: Node) -> Iterator[NodeList]:
    """Yield the lists of nodes inside a node; an `if` keeps its branches in a list of pairs."""
    for _, branch in getattr(node, "conditions_nodelists", ()):
        yield branch
    for name in node.child_nodelists:
        # A property of `if` that joins its branches in a new list: nothing would come of changing that.
        held = node.__dict__.get(name)
        if isinstance(held, NodeList):
            yield held


def _folded(node: Node, loader: Loader) -> list[Node]:
    if isinstance(node, URLNode) and not (node.args or node.kwargs or node.asvar) and _literal(node.view_name):
        try:
            return [_text(conditional_escape(reverse(node.view_name.var)), node)]
        except NoReverseMatch:
            return [node]
    if isinstance(node, StaticNode) and node.varname is None and _literal(node.path):
        return [_text(conditional_escape(node.url(Context())), node)]
    if isinstance(node, SimpleNode) and getattr(node.func, "constant", False) and node.target_var is None:
        given = [*node.args, *node.kwargs.values()]
        if all(_literal(one) for one in given):
            drawn = node.func(*(one.var for one in node.args), **{name: one.var for name, one in node.kwargs.items()})
            return [_text(conditional_escape(drawn), node)]
    if isinstance(node, IncludeNode) and not node.isolated_context and _literal(node.template):
        return _included(node, loader)
    return [node]


def _included(node: IncludeNode, loader: Loader) -> list[Node]:
    # A template that includes itself ends by its data, at the time of the request.
    if node.template.var in loader.folding:
        return [node]
    try:
        template = loader.get_template(node.template.var)
    except (TemplateDoesNotExist, TemplateSyntaxError):
        return [node]
    nodes: NodeList = template.nodelist
    if any(isinstance(one, _OWN_STATE) or _assigns(one) for one in nodes.get_nodes_by_type(Node)):
        return [node]
    if not node.extra_context:
        return list(nodes)
    inside = WithNode(None, None, nodes, extra_context=node.extra_context)
    inside.token, inside.origin = node.token, node.origin
    return [inside]


def _assigns(node: Node) -> bool:
    return any(getattr(node, name, None) is not None for name in ("asvar", "target_var", "varname"))


def _literal(expression: Any) -> bool:
    return isinstance(expression, FilterExpression) and not expression.is_var and not expression.filters


def _text(words: str, beside: Node) -> TextNode:
    made = TextNode(str(words))
    made.token, made.origin = beside.token, beside.origin
    return made

"""Rules in CEL behind one small interface: compile against types, evaluate to true, false or an error.

The engine is `cel-expr-python`. Two of its habits shape this module: a runtime error comes back as a value that Python
takes for true, so only the BOOL type counts; and declared names may be dotted (`input.amount`), which gives every field
of a JSON Schema its own type and makes an unknown field a compile error.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cel_expr_python import cel

from agents.runtime import budget, source
from agents.runtime.budget import MOST_STEPS, Cost, Size
from agents.runtime.source import RuleFault
from reviewapp.core import schemas

__all__ = [
    "Binder",
    "Bound",
    "Outcome",
    "Rule",
    "RuleError",
    "RuleFault",
    "Scope",
    "compile",
    "compile_figure",
    "evaluate",
    "figure",
]

MAX_LENGTH = 2_000
# Joining inside a loop doubles a text with every step: a short rule could fill the memory.
_NO_JOINS = """
name: rules
stdlib:
  exclude_functions:
    - name: "_+_"
      overloads: [%s]
"""
_DOTS = re.compile(r"\s*\.\s*")
Convert = Callable[[Any], Any]
_Direct = tuple[str, str, str, Convert | None]
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class RuleError:
    """A rule that could not say true or false; whoever asked must treat it as "look at this", never as false."""

    text: str


Outcome = bool | RuleError


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One typed name: where it is read and how its JSON value becomes a CEL value."""

    name: str
    present: str
    path: tuple[str, ...]
    type: Any
    convert: Convert | None


class Scope:
    """The typed names a rule may use, built from JSON Schemas by root: {"input": {...}, "confidence": {...}}."""

    def __init__(self, roots: Mapping[str, Mapping[str, Any]]) -> None:
        """Declare every leaf of the schemas under its dotted name."""
        self._leaves: list[_Leaf] = []
        groups: list[tuple[str, ...]] = []
        for root, schema in roots.items():
            _declare(schema, schema, (root,), self._leaves, groups)
        # `has(input.x)` is answered from a name of its own: the engine would read a dotted name's value instead.
        self._groups = [(".".join(path), f"present.g{place}", path) for place, path in enumerate(groups)]
        self._present = {leaf.name: leaf.present for leaf in self._leaves}
        self._present |= {name: present for name, present, _ in self._groups}
        variables = {leaf.name: leaf.type for leaf in self._leaves}
        variables |= dict.fromkeys(self._present.values(), cel.Type.BOOL)
        self._env = cel.NewEnv(variables=variables)
        self._variables = variables

    @cached_property
    def _looping(self) -> Any:
        return self._without("{id: add_string}, {id: add_bytes}, {id: add_list}")

    @cached_property
    def _building(self) -> Any:
        # The engine itself builds the lists of map and filter by joining.
        return self._without("{id: add_string}, {id: add_bytes}")

    def _without(self, overloads: str) -> Any:
        return cel.NewEnv(config=cel.NewEnvConfigFromYaml(_NO_JOINS % overloads), variables=self._variables)

    def names(self) -> tuple[str, ...]:
        """Return the dotted names a rule may use."""
        return tuple(leaf.name for leaf in self._leaves)

    def binder(self, texts: Iterable[str]) -> "Binder":
        """Return what binds cases for these rules only: it reads no field that none of them names."""
        # Blanks may stand around the dots of a name.
        listed = [_DOTS.sub(".", text) for text in texts]
        leaves = [leaf for leaf in self._leaves if any(leaf.name in text for text in listed)]
        groups = [group for group in self._groups if any(group[0] in text for text in listed)]
        measures = any(budget.cost(text, loops=source.loop_depth(text) > 0).varies for text in listed)
        asked = frozenset(re.findall(r"present\.f\d+", " ".join(self.prepare(text) for text in listed)))
        return _binder(self._env, leaves, groups, measures=measures, asked=asked)

    def bind(self, values: Mapping[str, Any]) -> "Bound":
        """Prepare one case for any rule of this scope."""
        asked = frozenset(leaf.present for leaf in self._leaves)
        return _binder(self._env, self._leaves, self._groups, measures=True, asked=asked).bind(values)

    def prepare(self, text: str) -> str:
        """Return the source as the engine gets it."""
        return source.prepare(text, self._present)

    def program(self, text: str, *, loops: bool = False) -> Any:
        """Return the engine's program for prepared source text; raises what the engine raises. Loops cannot join texts."""
        if not loops:
            return self._env.compile(text)
        return (self._building if source.builds(text) else self._looping).compile(text)


@dataclass(frozen=True, slots=True)
class Binder:
    """Turns cases into what rules are evaluated on; `asked` are the names of presence that a rule looks at.

    `direct` are the fields right below each root, which is where nearly all are: (field, name, name of presence if a
    rule asks for it, conversion). `leaves` are all others.
    """

    env: Any
    direct: tuple[tuple[str, tuple[_Direct, ...]], ...]
    leaves: tuple[_Leaf, ...]
    groups: tuple[tuple[str, str, tuple[str, ...]], ...]
    measures: bool
    asked: frozenset[str]

    def bind(self, values: Mapping[str, Any]) -> "Bound":
        """Prepare one case for any number of rules. An absent or null value stays absent: using it is an error."""
        data: dict[str, Any] = {}
        for root, fields in self.direct:
            _read(values.get(root), fields, data)
        for leaf in self.leaves:
            value = _at(values, leaf.path)
            if leaf.present in self.asked:
                data[leaf.present] = value is not None
            if value is not None and leaf.convert is not None:
                value = leaf.convert(value)
            if value is not None:
                data[leaf.name] = value
        for _, present, path in self.groups:
            data[present] = _at(values, path) is not None
        return Bound(self.env.Activation(data), budget.size(data.values()) if self.measures else Size())


def _read(held: Any, fields: Sequence[_Direct], data: dict[str, Any]) -> None:
    """Put what rules see of one root's fields into `data`."""
    if not isinstance(held, (dict, Mapping)):
        held = _NOTHING
    for key, name, present, convert in fields:
        value = held.get(key)
        if present:
            data[present] = value is not None
        if value is not None and convert is not None:
            value = convert(value)
        if value is not None:
            data[name] = value


def _binder(
    env: Any,
    leaves: Sequence[_Leaf],
    groups: Sequence[tuple[str, str, tuple[str, ...]]],
    *,
    measures: bool,
    asked: frozenset[str],
) -> Binder:
    roots: dict[str, list[_Direct]] = {}
    for leaf in leaves:
        if len(leaf.path) == 2:
            present = leaf.present if leaf.present in asked else ""
            roots.setdefault(leaf.path[0], []).append((leaf.path[1], leaf.name, present, leaf.convert))
    return Binder(
        env,
        direct=tuple((root, tuple(fields)) for root, fields in roots.items()),
        leaves=tuple(leaf for leaf in leaves if len(leaf.path) != 2),
        groups=tuple(groups),
        measures=measures,
        asked=asked,
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """One case, ready for rules of the scope that bound it."""

    activation: Any
    size: Size = field(default_factory=Size)


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule and what it takes."""

    text: str
    program: Any
    cost: Cost


def compile(text: str, scope: Scope) -> Rule:  # noqa: A001 - read as rules.compile(...)
    """Type-check a rule; raises `RuleFault` with the position and the mend.

    Refused: unknown names, mixed whole and decimal numbers, anything that is not true or false at the end, loops in
    loops (10^5 steps in a blink), texts or lists joined in a rule with a loop (they grow without bound), and more than
    2,000 characters.
    """
    rule = _rule(text, scope)
    kind = rule.program.return_type()
    if kind != cel.Type.BOOL:
        raise RuleFault(f"The rule must end as true or false, this one ends as {kind.name().lower()}.")
    return rule


def compile_figure(text: str, scope: Scope) -> Rule:
    """Type-check an expression that ends as a number, or as true or false (counted as 1 and 0); refuses as `compile`."""
    rule = _rule(text, scope)
    kind = rule.program.return_type()
    if kind not in (cel.Type.INT, cel.Type.DOUBLE, cel.Type.BOOL):
        raise RuleFault(f"A figure must end as a number, or as true or false; this one ends as {kind.name().lower()}.")
    return rule


def _rule(text: str, scope: Scope) -> Rule:
    if len(text) > MAX_LENGTH:
        raise RuleFault(f"The rule has {len(text):,} characters; at most {MAX_LENGTH:,} are possible.")
    depth = source.loop_depth(text)
    if depth > 1:
        raise RuleFault("A loop inside a loop is not possible; use one of all, exists, exists_one, map, filter.")
    if source.builds(text) and "+" in source.bare(text):
        raise RuleFault("A rule with map or filter cannot add with +; write the sum inside all, exists or exists_one.")
    try:
        program = scope.program(scope.prepare(text), loops=depth > 0)
    except RuntimeError as fault:
        if depth and source.joins(str(fault)):
            raise RuleFault("A rule with a loop cannot join texts or lists with +; compare them one by one.") from fault
        raise RuleFault(source.explain(str(fault), scope.names())) from fault
    return Rule(text, program, budget.cost(text, loops=depth > 0))


def evaluate(rule: Rule, bound: Bound) -> Outcome:
    """Return True, False, or a `RuleError`: a missing value, a division by zero, an overflow, a used-up budget.

    A rule that could take more than `budget.MOST_STEPS` on this case is an error without being run.
    """
    value = _value(rule, bound)
    if isinstance(value, RuleError):
        return value
    if value.type() == cel.Type.BOOL:
        return bool(value.value())
    return RuleError(_short(str(value.plain_value())))


def figure(rule: Rule, bound: Bound) -> float | RuleError:
    """Return the number of a figure made by `compile_figure`, or a `RuleError` as `evaluate` does."""
    value = _value(rule, bound)
    if isinstance(value, RuleError):
        return value
    if value.type() in (cel.Type.INT, cel.Type.DOUBLE, cel.Type.BOOL):
        return float(value.value())
    return RuleError(_short(str(value.plain_value())))


def _value(rule: Rule, bound: Bound) -> Any:
    if rule.cost.varies and (steps := rule.cost.steps(bound.size)) > MOST_STEPS:
        return RuleError(f"This case is too large for the rule: up to {steps:,} steps, {MOST_STEPS:,} are allowed.")
    try:
        return rule.program.eval(bound.activation)
    except RuntimeError as fault:
        return RuleError(_short(str(fault)))


def _short(text: str) -> str:
    # The engine says "UNKNOWN: No value with name "input.age" found in Activation"; people read the latter half.
    head, separator, rest = text.partition(": ")
    return (rest if separator and head.isupper() else text)[:200]


def _declare(
    root: Mapping[str, Any], raw: Any, path: tuple[str, ...], leaves: list[_Leaf], groups: list[tuple[str, ...]]
) -> None:
    schema = schemas.resolved(root, raw)
    properties = schema.get("properties")
    # What may nest without end has no last field to declare: rules read it as one value of any type.
    if isinstance(properties, Mapping) and properties and not schemas.circular(root, raw):
        groups.append(path)
        for name, prop in properties.items():
            _declare(root, prop, (*path, name), leaves, groups)
        return
    kind, convert = _type_of(root, schema)
    leaves.append(_Leaf(".".join(path), f"present.f{len(leaves)}", path, kind, convert))


def _type_of(root: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Any, Convert | None]:
    match _kind(schema):
        case "integer":
            return cel.Type.INT, _integer
        case "number":
            return cel.Type.DOUBLE, _number
        case "string":
            return cel.Type.STRING, _text
        case "boolean":
            return cel.Type.BOOL, _truth
        case "array":
            items = schemas.resolved(root, schema.get("items"))
            circular = schemas.circular(root, schema.get("items"))
            kind, convert = (cel.Type.DYN, None) if circular else _type_of(root, items)
            if items.get("properties"):
                kind, convert = cel.Type.Map(cel.Type.STRING, cel.Type.DYN), None
            return cel.Type.List(kind), _list_of(convert)
        case "object":
            return cel.Type.Map(cel.Type.STRING, cel.Type.DYN), None
        case _:
            return cel.Type.DYN, None


def _kind(schema: Mapping[str, Any]) -> str:
    given = schema.get("type")
    names = {given} if isinstance(given, str) else {name for name in given or () if name != "null"}
    if names == {"integer", "number"}:
        return "number"
    if len(names) == 1:
        return str(names.pop())
    values = [value for value in schema.get("enum", ()) if value is not None]
    return "string" if values and all(isinstance(value, str) for value in values) else "any"


def _integer(value: Any) -> Any:
    # Asking for a union or an abstract type would take longer than the conversion.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    return int(value) if abs(value) < 2**63 else None


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return value
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _truth(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _list_of(convert: Convert | None) -> Convert:
    def items(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return None
        made = [convert(item) if convert else item for item in value]
        return None if any(item is None for item in made) else made

    return items


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        # What comes from JSON is a dict, and asking the abstract class takes ten times as long.
        if not isinstance(values, dict) and not isinstance(values, Mapping):
            return None
        values = values.get(step)
    return values

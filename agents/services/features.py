"""Publishing feature views, and taking in what is known of their entities."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from agents.contracts import fields, views
from agents.contracts.faults import SpecError
from agents.contracts.views import ViewSpec
from agents.models import Agent, FeatureVersion, FeatureView
from agents.selectors import features
from agents.selectors.features import Definition
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing

events.external("feature_view.published")


def publish(*, agent_id: UUID, body: Any, by: User) -> Definition:
    """Publish a version of a feature view for an agent; publishing what is already the newest changes nothing.

    The first version makes the view. A later one may change features but not the kind of entity; what it changes is
    kept in words, and contracts go on reading the version they name. Raises `Invalid` naming each faulty path,
    `Missing` for an unknown agent, `NotAllowed` without the right to develop it, and `Conflict` when the name belongs
    to another agent.
    """
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        raise Missing("There is no such agent.")
    access.require(by, "agents.develop_agent", agent)
    return put(agent=agent, body=body, by=actors.of(by))


@transaction.atomic
def put(*, agent: Agent, body: Any, by: events.Actor) -> Definition:
    """Publish a version of a feature view, whoever may (see `publish`)."""
    try:
        spec = ViewSpec.parse(body)
    except SpecError as fault:
        raise Invalid("The feature view cannot be published.", fields=fault.faults) from fault
    view = _view(agent, spec, by)
    newest = FeatureVersion.objects.filter(view=view).order_by("-version").first()
    if newest is not None and newest.digest == spec.digest:
        return features.by_id(newest.pk)
    changed = views.changes(ViewSpec.parse(newest.body), spec) if newest else ()
    made = FeatureVersion.objects.create(
        id=ids.uuid7(),
        view=view,
        version=newest.version + 1 if newest else 1,
        body=spec.body,
        digest=spec.digest,
        changes=[{"breaking": change.breaking, "text": change.text} for change in changed],
        published_at=clock.now(),
        published_by=f"{by.kind}:{by.id}",
        published_by_label=by.label,
    )
    events.record(
        "feature_view.published",
        subject=("feature_view", str(view.pk)),
        actor=by,
        scope=agent.slug,
        data={"name": spec.name, "version": made.version, "breaking": any(change.breaking for change in changed)},
    )
    return Definition(made.pk, view.pk, agent.pk, made.version, spec)


def _view(agent: Agent, spec: ViewSpec, by: events.Actor) -> FeatureView:
    """Return the view of this name, locked, made first if it is new."""
    try:
        with transaction.atomic():
            FeatureView.objects.get_or_create(
                name=spec.name,
                defaults={
                    "agent": agent,
                    "entity": spec.entity,
                    "created_at": clock.now(),
                    "created_by": f"{by.kind}:{by.id}",
                },
            )
    except IntegrityError as fault:
        raise Conflict("Somebody published this view at the same moment. Send it again.") from fault
    # The view's row is the lock, so that two publishers cannot take one number.
    view = FeatureView.objects.select_for_update().get(name=spec.name)
    if view.agent_id != agent.pk:
        raise Conflict("This name belongs to a view of another agent. Choose another name.", code="view_name_taken")
    if view.entity != spec.entity:
        mend = {"entity": f"The view is of {view.entity}. Publish a view of another name for another entity."}
        raise Invalid("The feature view cannot be published.", fields=mend)
    return view


def faults_for(uses: Any, input_schema: Mapping[str, Any], agent_id: UUID) -> dict[str, str]:
    """Return what keeps a contract from reading the views it names, by dotted path; {} when it may.

    A view must be the agent's own, fill at least one optional input field, with values of that field's type and of a class no stricter than the field's.
    """
    found: dict[str, str] = {}
    filled: dict[str, int] = {}
    for index, use in enumerate(uses):
        path = f"features[{index}]"
        try:
            known = features.definition(use.view, use.version)
        except Missing as fault:
            found[f"{path}.view"] = fault.detail
            continue
        if known.agent_id != agent_id:
            # The same words as for a view that is not there: whose it is concerns nobody else.
            found[f"{path}.view"] = f"There is no version {use.version} of the feature view {use.view}."
            continue
        found |= _fill_faults(known.spec, use.prefix, input_schema, path, filled, index)
    return found


def _fill_faults(
    spec: ViewSpec, prefix: str, schema: Mapping[str, Any], path: str, filled: dict[str, int], index: int
) -> dict[str, str]:
    properties, required = schema["properties"], set(schema.get("required", ()))
    fed = {prefix + feature.name: feature for feature in spec.features if prefix + feature.name in properties}
    if not fed:
        example = prefix + spec.features[0].name
        return {f"{path}.prefix": f"No input field takes a value of this view. Add one, for example {example}."}
    found: dict[str, str] = {}
    for name, feature in fed.items():
        if name in required:
            found[f"input_schema.required.{name}"] = f"{name} comes from the view {spec.name}; make it optional."
        given = properties[name].get("x-class", "internal")
        if fields.CLASSES.index(given) < fields.CLASSES.index(feature.sensitivity):
            # Whoever may see the field would see the feature: the contract must not loosen what its owner said.
            mend = f"The view {spec.name} has it as {feature.sensitivity}; say so here too."
            found[f"input_schema.properties.{name}.x-class"] = mend
        if filled.setdefault(name, index) != index:
            found[f"{path}.prefix"] = f"Another view fills {name} already. Give this one another prefix."
        kinds = properties[name].get("type", feature.kind)
        allowed = {kinds} if isinstance(kinds, str) else set(kinds)
        if feature.kind not in allowed and not (feature.kind == "integer" and "number" in allowed):
            found[f"input_schema.properties.{name}.type"] = f"The view {spec.name} has it as {feature.kind}."
    return found

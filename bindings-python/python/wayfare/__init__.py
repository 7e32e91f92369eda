"""wayfare: a customer-journey engine that other programs embed.

One journey file says how customers are read (traits, scores, segments) and where they can stand (tracks of stages).
This package runs it, for one customer in microseconds or for a whole table at once.

>>> import wayfare
>>> journey = wayfare.Journey.template("retail")
>>> profile = journey.profile("c-42")
>>> profile.observe(kind="purchased", at="2026-01-10T12:00:00Z", channel="store", value=59.90)
True
>>> view = profile.view("2026-01-11T12:00:00Z")
>>> view.traits["orders"]
1
"""

from . import attribution, lifetime, progress
from ._errors import (
    CancelledError,
    InvalidArgumentError,
    InvalidIdentityError,
    InvalidJourneyError,
    InvalidProfileError,
    InvalidRecordError,
    InvalidRulesError,
    InvalidTableError,
    JourneyMismatchError,
    NotFittedError,
    TooLateError,
    WayfareError,
)
from ._identity import Resolution
from ._path_analyses import DirectlyFollows, Flow, Funnel, StageTimes, TransitionMatrix, funnel, time_in_stage
from ._paths import Paths, paths
from ._wayfare import (
    BadRow,
    Candidate,
    Comparison,
    Consent,
    Contribution,
    Decision,
    Diagnostic,
    Diagram,
    Factors,
    Grid,
    IdentityGraph,
    Journey,
    NextChange,
    Profile,
    Reach,
    RunnerUp,
    Span,
    Stage,
    Transition,
    View,
    __version__,
    holdout,
    journey_schema,
    rfm_cuts,
    template_names,
    template_text,
)

__all__ = [
    "BadRow",
    "CancelledError",
    "Candidate",
    "Comparison",
    "Consent",
    "Contribution",
    "Decision",
    "Diagnostic",
    "Diagram",
    "DirectlyFollows",
    "Factors",
    "Flow",
    "Funnel",
    "Grid",
    "IdentityGraph",
    "InvalidArgumentError",
    "InvalidIdentityError",
    "InvalidJourneyError",
    "InvalidProfileError",
    "InvalidRecordError",
    "InvalidRulesError",
    "InvalidTableError",
    "Journey",
    "JourneyMismatchError",
    "NextChange",
    "NotFittedError",
    "Paths",
    "Profile",
    "Reach",
    "Resolution",
    "RunnerUp",
    "Span",
    "Stage",
    "StageTimes",
    "TooLateError",
    "Transition",
    "TransitionMatrix",
    "View",
    "WayfareError",
    "__version__",
    "attribution",
    "funnel",
    "holdout",
    "journey_schema",
    "lifetime",
    "paths",
    "progress",
    "rfm_cuts",
    "template_names",
    "template_text",
    "time_in_stage",
]

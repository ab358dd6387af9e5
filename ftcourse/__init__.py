"""Fine-tune a language model in a notebook, from "do I need this?" to a served model, without fooling yourself."""
import sys
from types import ModuleType

__version__ = "0.1.0"

# name -> module; loaded on first use, so that `import ftcourse` stays quick and needs no torch
_WHERE = {
    "Plan": "plan", "Task": "plan", "Model": "plan", "Data": "plan", "Prepare": "plan", "Strategy": "plan", "Training": "plan", "Evaluation": "plan", "named": "plan",
    "Run": "runs", "new": "runs", "open_run": "runs", "state": "runs",
    "Finding": "findings", "Findings": "findings", "Trouble": "findings",
    "embedded": "models", "resolve": "models",
    "inspect": "data.prepare", "prepare": "data.prepare", "audit": "checks", "smoke": "checks", "tokens": "checks", "DataWizard": "wizards.data",
    "train": "training.loop", "result": "training.loop",
    "start": "training.control", "stop": "training.control", "pause": "training.control", "resume": "training.control", "watch": "training.control",
    "compare": "evaluation.report", "report": "evaluation.report",
    "baselines": "evaluation.baselines", "baselines_of": "evaluation.baselines",
    "use_cases": "success", "examples_needed": "success", "smallest_effect": "success",
    "figure": "charts", "demo": "quickstart",
    "TrainWizard": "wizards.train", "CompareWizard": "wizards.compare",
    "decide": "decide", "compare_costs": "cost", "break_even": "cost", "cost_figure": "cost", "DecideWizard": "wizards.decide", "PlanWizard": "wizards.plan",
    "doctor": "doctor", "DoctorPanel": "wizards.doctor",
    "choose": "catalogue", "compare_table": "catalogue", "licence_findings": "catalogue",
}
__all__ = list(_WHERE)


def __getattr__(name):
    if name not in _WHERE: raise AttributeError(f"module 'ftcourse' has no attribute {name!r}")
    from importlib import import_module
    return getattr(import_module(f"ftcourse.{_WHERE[name]}"), name)


def __dir__(): return sorted([*globals(), *__all__])


class _Package(ModuleType):
    "A verb and its room may share a name: `ftcourse.decide` stays the function when the import system hands in the module; `from ftcourse.decide import ...` reaches the room."
    def __setattr__(self, name, value):
        if not (name in _WHERE and isinstance(value, ModuleType)): super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

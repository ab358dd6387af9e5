"""Fine-tune a language model in a notebook, from "do I need this?" to a served model, without fooling yourself."""
__version__ = "0.1.0"

# name -> module; loaded on first use, so that `import ftcourse` stays quick and needs no torch
_WHERE = {
    "Plan": "plan", "Task": "plan", "Model": "plan", "Data": "plan", "Strategy": "plan", "Training": "plan", "Evaluation": "plan", "named": "plan",
    "Run": "runs", "new": "runs", "open_run": "runs", "state": "runs",
    "Finding": "findings", "Findings": "findings", "Trouble": "findings",
    "embedded": "models", "resolve": "models",
    "train": "training.loop", "result": "training.loop",
    "start": "training.control", "stop": "training.control", "pause": "training.control", "resume": "training.control", "watch": "training.control",
    "compare": "evaluation.report", "report": "evaluation.report",
    "figure": "charts", "demo": "quickstart",
    "TrainWizard": "wizards.train", "CompareWizard": "wizards.compare",
}
__all__ = list(_WHERE)


def __getattr__(name):
    if name not in _WHERE: raise AttributeError(f"module 'ftcourse' has no attribute {name!r}")
    from importlib import import_module
    return getattr(import_module(f"ftcourse.{_WHERE[name]}"), name)


def __dir__(): return sorted([*globals(), *__all__])

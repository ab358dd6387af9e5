"""Reads everything from settings.ini, the one place where the version and the dependencies stand."""
import shlex
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

parser = ConfigParser(delimiters=["="], interpolation=None)
parser.read(Path(__file__).with_name("settings.ini"), encoding="utf-8")
cfg = parser["DEFAULT"]
suffix = "_requirements"

setup(
    name=cfg["lib_name"],
    version=cfg["version"],
    description=cfg["description"],
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    keywords=cfg["keywords"],
    author=cfg["author"],
    author_email=cfg["author_email"],
    license="Apache-2.0",
    url=f"https://github.com/{cfg['user']}/{cfg['repo']}",
    python_requires=f">={cfg['min_python']},<3.14",
    packages=find_packages(include=["ftcourse", "ftcourse.*"]),
    include_package_data=True,
    install_requires=shlex.split(cfg["requirements"]),
    extras_require={k.removesuffix(suffix): shlex.split(v) for k, v in cfg.items() if k.endswith(suffix)},
    entry_points={"console_scripts": shlex.split(cfg["console_scripts"])},
    zip_safe=False,
)

"""setuptools as the build backend, with the list of what goes into a source distribution beside this file.

setuptools knows one place for that list, the top level; everything else about the build is its own.
"""

from setuptools.build_meta import *  # noqa: F403
from setuptools.command.egg_info import manifest_maker

manifest_maker.template = ".ci/MANIFEST.in"

"""The product's extractor, with what the skills call things."""

import pytest

from nlu.entities.extractor import EntityExtractor
from nlu.training_data import gather
from skills.registry import SKILLS_FOLDER


@pytest.fixture(scope="session")
def extractor() -> EntityExtractor:
    return EntityExtractor(gather(SKILLS_FOLDER).words)

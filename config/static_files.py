"""Files as production serves them: compressed, named by their content, and so kept by browsers for good."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


def _is_source_map(rule: str | tuple[str, str]) -> bool:
    return "sourceMappingURL" in (rule if isinstance(rule, str) else rule[0])


class Files(CompressedManifestStaticFilesStorage):
    """WhiteNoise's, which does not look for the source maps that packages name and do not bring."""

    patterns = tuple(
        (ending, tuple(rule for rule in rules if not _is_source_map(rule)))
        for ending, rules in CompressedManifestStaticFilesStorage.patterns
    )

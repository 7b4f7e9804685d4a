"""What a model is and what it means: vocabulary, networks, semantics, properties, behaviours."""

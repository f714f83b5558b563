//! YAML as a tree with byte spans.

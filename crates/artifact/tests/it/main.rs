//! The build stage against fake and real engines, registries and stores.

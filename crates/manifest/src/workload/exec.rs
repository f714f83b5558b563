//! Commands inside running containers.

use crate::workload::value::{Settings, Switch};

crate::record! {
    /// The long form.
    pub struct ExecConfig {
        /// Present with any value, `false` included, it allows commands: Copilot never looks at the value.
        enable: bool,
    }
}

/// Whether commands can be run in the containers.
pub type Exec = Switch<ExecConfig>;

impl Settings for ExecConfig {
    const EXPECTED: &'static str = "true, false, or a mapping with the key `enable`";
}

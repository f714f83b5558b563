//! Functions whose code lies nowhere: what the templates of these tests say about it is not looked at.

use copilot_stack::workload::FunctionKeys;

#[derive(Debug)]
pub(crate) struct NoCode;

impl FunctionKeys for NoCode {
    fn key(&self, function: &str) -> String {
        format!("{function}.zip")
    }
}

//! The alarms in the state of a service.

use copilot_deployer::workload::status::Alarm;

use super::view::{BAD, BUSY, GOOD, heading, when};
use crate::io::Io;
use crate::table::{Cell, Table};
use crate::text::Text;

pub(super) fn listed(alarms: &[Alarm], io: &Io<'_>, text: &mut Text) {
    if alarms.is_empty() {
        return;
    }
    heading(text, "Alarms");
    let mut table = Table::new(&["Name", "State", "For", "Condition", "Since"]);
    for alarm in alarms {
        let style = match alarm.status.as_str() {
            "OK" => GOOD,
            "ALARM" => BAD,
            _ => BUSY,
        };
        let what = match alarm.kind.as_str() {
            "Metric" | "Composite" => "",
            kind => kind,
        };
        table.row([
            Cell::from(&alarm.name),
            Cell::styled(&alarm.status, style),
            Cell::from(what.to_lowercase()),
            Cell::from(&alarm.condition),
            Cell::from(when(alarm.updated, io)),
        ]);
    }
    text.push(table.without_empty().draw(2, io.width()));
}

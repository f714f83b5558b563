//! A pipeline as a table.

use comfy_table::{Cell, ContentArrangement, Row, Table, presets};

use super::view::Shown;

pub(crate) fn render(view: &Shown, unicode: bool, width: usize) -> String {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.load_style(if unicode { presets::UTF8_FULL_CONDENSED } else { presets::ASCII_FULL_CONDENSED });
    table.set_header(["Stage", "Order", "Action", "What it does"]);
    for stage in &view.stages {
        for (index, step) in stage.actions.iter().enumerate() {
            let stage = if index == 0 { stage.name.as_str() } else { "" };
            table.add_row(Row::from(vec![
                Cell::new(stage),
                Cell::new(step.run_order),
                Cell::new(&step.name),
                Cell::new(&step.details),
            ]));
        }
    }
    let table: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    format!(
        "{} of the application {} follows {} at {}\n\n{table}\nActions of a stage that have the same order run at the same time.\n",
        view.name, view.application, view.repository, view.branch
    )
}

//! A pipeline as a graph, for programs that draw one.

use std::fmt::Write as _;

use copilot_engine::pipeline::stages::{Category, Stage, Step};

use super::view::Shown;

/// The steps of a stage that run at the same time, in the order of time, each with its number in the stage.
fn waves(stage: &Stage) -> Vec<Vec<(usize, &Step)>> {
    let mut waves: Vec<Vec<(usize, &Step)>> = Vec::new();
    for (index, step) in stage.actions.iter().enumerate() {
        match waves.last_mut().filter(|wave| wave[0].1.run_order == step.run_order) {
            Some(wave) => wave.push((index, step)),
            None => waves.push(vec![(index, step)]),
        }
    }
    waves
}

/// Each step of a wave waits for every step of the wave before.
fn edges(stage: &Stage) -> Vec<(usize, usize)> {
    let waves = waves(stage);
    let pairs = waves.windows(2).flat_map(|pair| {
        pair[0].iter().flat_map(|(from, _)| pair[1].iter().map(move |(to, _)| (*from, *to)))
    });
    pairs.collect()
}

pub(super) fn mermaid(view: &Shown) -> String {
    let mut text = String::from("flowchart LR\n");
    for (number, stage) in view.stages.iter().enumerate() {
        let _ = writeln!(text, "  subgraph s{number}[\"{}\"]", mermaid_text(&stage.name));
        for (index, step) in stage.actions.iter().enumerate() {
            let name = mermaid_text(&step.name);
            let _ = match step.category {
                Category::Approval => writeln!(text, "    s{number}a{index}{{{{\"{name}\"}}}}"),
                _ => writeln!(text, "    s{number}a{index}[\"{name}\"]"),
            };
        }
        for (from, to) in edges(stage) {
            let _ = writeln!(text, "    s{number}a{from} --> s{number}a{to}");
        }
        text.push_str("  end\n");
    }
    for number in 1..view.stages.len() {
        let _ = writeln!(text, "  s{} --> s{number}", number - 1);
    }
    text
}

/// Mermaid has entities of its own, without a leading `&`.
fn mermaid_text(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

pub(super) fn dot(view: &Shown) -> String {
    let mut text = format!(
        "digraph \"{}\" {{\n  rankdir=LR;\n  compound=true;\n  node [shape=box];\n",
        dot_text(&view.name)
    );
    for (number, stage) in view.stages.iter().enumerate() {
        let _ = writeln!(text, "  subgraph cluster_{number} {{\n    label=\"{}\";", dot_text(&stage.name));
        for (index, step) in stage.actions.iter().enumerate() {
            let shape = if step.category == Category::Approval { ", shape=hexagon" } else { "" };
            let _ = writeln!(text, "    s{number}a{index} [label=\"{}\"{shape}];", dot_text(&step.name));
        }
        for (from, to) in edges(stage) {
            let _ = writeln!(text, "    s{number}a{from} -> s{number}a{to};");
        }
        text.push_str("  }\n");
    }
    for number in 1..view.stages.len() {
        let before = number - 1;
        let last = view.stages[before].actions.len().saturating_sub(1);
        let _ = writeln!(
            text,
            "  s{before}a{last} -> s{number}a0 [ltail=cluster_{before}, lhead=cluster_{number}];"
        );
    }
    text.push_str("}\n");
    text
}

fn dot_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

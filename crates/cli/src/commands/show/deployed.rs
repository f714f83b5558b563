//! `show` of a pipeline that is deployed.

use std::fmt::Write as _;

use anstyle::Style;
use copilot_deployer::pipeline::{self, Description};
use copilot_deployer::stack;
use copilot_engine::pipeline::stages::{Stage, deployed_stages};

use super::Show;
use crate::aws::Access;
use crate::boxes::{Frame, Line, draw};
use crate::failure::Failure;
use crate::io::Io;
use crate::text::Text;
use crate::times::ago;

pub(super) fn run(arguments: &Show, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?;
    let mut description = remote.aws.wait(pipeline::describe(remote.session(), &remote.pipeline))?;
    if arguments.resources {
        let client = stack::client(remote.session());
        let mut resources =
            remote.aws.wait(stack::resources(&client, &remote.pipeline.stack_name(&remote.app)))?;
        resources.sort();
        description.resources = Some(resources);
    }
    if arguments.json {
        io.json(&description)?;
    } else {
        let text = page(&description, &remote.app, io);
        io.out(text)?;
    }
    remote.aws.close()
}

fn page(description: &Description, app: &str, io: &Io<'_>) -> Text {
    let bold = Style::new().bold();
    let mut rows = vec![
        ("Application", app.to_owned()),
        ("Region", description.region.clone()),
        ("Account", description.account_id.clone()),
        ("CodePipeline", description.pipeline_name.clone()),
    ];
    let times = [("Created", description.created_at), ("Updated", description.updated_at)];
    rows.extend(times.into_iter().filter_map(|(label, time)| Some((label, ago(time?, io.now())))));
    let mut text = Text::new();
    text.paint(bold, &description.name);
    text.push("\n\n");
    for (label, value) in rows {
        let _ = writeln!(text, "  {label:14}{value}");
    }
    let frames: Vec<Frame> = deployed_stages(description).iter().map(frame).collect();
    text.push("\n");
    text.push(draw(&frames, io.unicode(), io.width()));
    if let Some(resources) = &description.resources {
        let width = resources.iter().map(|resource| resource.kind.len()).max().unwrap_or_default();
        text.push("\n");
        text.paint(bold, "Resources");
        text.push("\n\n");
        for resource in resources {
            let _ = writeln!(text, "  {:width$}  {}", resource.kind, resource.physical_id);
        }
    }
    text
}

/// The actions by run order; those that have the same run at the same time.
fn frame(stage: &Stage) -> Frame {
    let numbered = stage.actions.iter().any(|action| action.run_order > 1);
    let mut lines = Vec::new();
    for action in &stage.actions {
        let order = if numbered { format!("{} ", action.run_order) } else { String::new() };
        lines.push(Line { text: format!("{order}{}", action.name), style: Style::new() });
        let indent = " ".repeat(order.len());
        if !action.details.is_empty() {
            let text = format!("{indent}{}", action.details);
            lines.push(Line { text, style: Style::new().dimmed() });
        }
    }
    Frame { title: stage.name.clone(), lines, ..Frame::default() }
}

//! Asks the questions of a plan.

use copilot_engine::{Answers, Field, Question, Subject};

use crate::failure::Failure;
use crate::io::Io;

/// Asks what was not answered beforehand. Where nobody can be asked, a question without a default ends the command.
pub(crate) fn ask(questions: &[Question], given: Answers, io: &mut Io<'_>) -> Result<Answers, Failure> {
    let mut answers = given;
    for question in questions.iter().filter(|question| !given.to(question)) {
        let text = text(&question.about);
        let answer = match (io.prompt(), question.default) {
            (Some(prompt), _) => prompt.confirm(&text)?,
            (None, Some(default)) => default,
            (None, None) => {
                return Err(Failure::with_hint(
                    format!("cannot prompt: not a terminal ({text})"),
                    format!("pass `{}` to confirm", flag(question.field)),
                ));
            }
        };
        answers = answers.with(question.field, answer);
        if !answers.confirmed {
            break;
        }
    }
    Ok(answers)
}

/// The flag that answers a question beforehand.
const fn flag(field: Field) -> &'static str {
    match field {
        Field::Confirmed => "--yes",
        Field::DeleteSecret => "--delete-secret",
    }
}

fn text(about: &Subject) -> String {
    match about {
        Subject::CreatePipeline { .. } => "Create the pipeline?".to_owned(),
        Subject::Update { stack } => format!("Redeploy the pipeline's stack {stack}?"),
        Subject::Recreate { stacks } => {
            let left = stacks.iter().map(|stack| {
                format!("Stack {} was left in {} by a failed operation.", stack.name, stack.status)
            });
            format!("{} Delete it and make it anew?", left.collect::<Vec<_>>().join(" "))
        }
        Subject::DeletePipeline { pipeline, application } => {
            format!("Delete the pipeline {pipeline} of the application {application}?")
        }
        Subject::DeleteSecret { secret } => {
            format!("Delete the secret {secret} with its GitHub token too?")
        }
        _ => "Go on with the deployment?".to_owned(),
    }
}

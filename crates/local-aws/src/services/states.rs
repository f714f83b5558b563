//! Step Functions: state machines of stacks. Executions begin and are not carried out.

use serde_json::{Value as Json, json};

use super::deployed::{Deployed, deployed};
use crate::core::caller::Caller;
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let machine = find(world, caller, input.need("stateMachineArn")?)?;
    let arn = machine.physical().to_owned();
    match operation {
        "DescribeStateMachine" => Ok(json!({
            "stateMachineArn": arn, "name": arn.rsplit(':').next(), "status": "ACTIVE", "type": "STANDARD",
            "roleArn": machine.text("RoleArn"), "definition": machine.text("DefinitionString"),
            "creationDate": timestamp(machine.stack.created),
        })),
        "StartExecution" => {
            let execution = arn.replacen(":stateMachine:", ":execution:", 1);
            let name = input.text("name").map_or_else(|| world.state.ids.uuid(), str::to_owned);
            Ok(json!({"executionArn": format!("{execution}:{name}"), "startDate": timestamp(world.now())}))
        }
        _ => Err(AwsError::unknown_operation("states", operation)),
    }
}

fn find<'a>(world: &'a World, caller: &Caller, arn: &str) -> Result<Deployed<'a>, AwsError> {
    let mut all = deployed(world, caller, "AWS::StepFunctions::StateMachine");
    all.find(|machine| machine.physical() == arn).ok_or_else(|| {
        AwsError::new("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
    })
}

//! Addons: several templates as one, and what of it reaches the workload.

use std::fmt::Write as _;

use copilot_cfn::write::to_yaml;
use copilot_stack::addons::{Files, Merged, Owner, merge};
use copilot_yaml::{Diagnostics, Source};

const RESERVED: &str = "Parameters: {App: {Type: String}, Env: {Type: String}, Name: {Type: String}}\n";

fn merged(templates: &[&str], parameters: Option<&str>, owner: Owner) -> Result<Merged, Diagnostics> {
    let named = |(place, text): (usize, &&str)| Source::new(format!("{place}.yml"), *text);
    let templates: Vec<Source> = templates.iter().enumerate().map(named).collect();
    let parameters: Vec<Source> =
        parameters.into_iter().map(|text| Source::new("addons.parameters.yml", text)).collect();
    merge(Files { templates: &templates, parameters: &parameters }, owner)
}

/// Every problem with its code, places and help.
fn told(result: Result<Merged, Diagnostics>) -> String {
    let problems = match result {
        Ok(merged) => merged.warnings,
        Err(problems) => problems,
    };
    let mut text = String::new();
    for problem in &problems {
        writeln!(text, "{:?} {} {problem}", problem.severity, problem.code.id).unwrap();
        for place in &problem.related {
            writeln!(text, "  {place}").unwrap();
        }
        if let Some(help) = &problem.help {
            writeln!(text, "  help: {help}").unwrap();
        }
    }
    text
}

#[test]
fn templates_become_one_in_order() {
    let first = "
AWSTemplateFormatVersion: '2010-09-09'
Description: dropped
Outputs:
  TableName: {Value: !Ref Table}
Resources:
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub '${App}-${Env}'}}
Mappings:
  Sizes: {test: {Cpu: 1}}
Transform: AWS::LanguageExtensions
Parameters:
  App: {Type: String}
  Env: {Type: String}
  Name: {Type: String}
";
    let second = "
Parameters:
  Name: {Type: \"String\"} # the same, written in another way
  Size: {Type: String, Default: ''}
Transform: [AWS::Serverless, AWS::LanguageExtensions]
Mappings:
  Colours: {test: {Main: red}}
  Sizes: {prod: {Cpu: 2}, test: {Cpu: 1}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Metadata: {Owner: me}
Resources:
  Queue: {Type: AWS::SQS::Queue, Condition: IsProd}
";
    let merged = merged(&[first, "", second], None, Owner::Workload).unwrap();
    assert!(merged.warnings.is_empty());
    insta::assert_snapshot!(to_yaml(&merged.addons.template.into_value()));
}

#[test]
fn outputs_are_told_by_the_resource_that_they_refer_to() {
    let template = format!(
        "{RESERVED}
Resources:
  Secret: {{Type: AWS::SecretsManager::Secret}}
  Policy: {{Type: AWS::IAM::ManagedPolicy}}
  Group: {{Type: AWS::EC2::SecurityGroup}}
  Table: {{Type: AWS::DynamoDB::Table}}
Outputs:
  Short: {{Value: !Ref Secret}}
  Long: {{Value: {{Ref: Policy}}}}
  GroupId: {{Value: !Ref Group}}
  GroupAttribute: {{Value: !GetAtt Group.GroupId}}
  TableName: {{Value: !Ref Table}}
  Text: {{Value: Secret}}
  Elsewhere: {{Value: !Ref Nothing}}
  Joined: {{Value: !Join ['', [!Ref Secret]]}}
"
    );
    let addons = merged(&[&template], None, Owner::Workload).unwrap().addons;
    let all = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(" ");
    assert_eq!(all(&mut addons.secrets()), "Short");
    assert_eq!(all(&mut addons.policies()), "Long");
    assert_eq!(all(&mut addons.security_groups()), "GroupId");
    let variables = "GroupId GroupAttribute TableName Text Elsewhere Joined";
    assert_eq!(all(&mut addons.variables()), variables);
}

#[test]
fn conflicts_point_at_both_places() {
    let first = format!(
        "{RESERVED}Metadata: {{A: 1}}\nConditions: {{C: !Equals [a, b]}}\nMappings: {{M: {{k: {{v: 1}}, l: {{v: 1}}}}}}
Resources:\n  Table: {{Type: AWS::DynamoDB::Table}}\nOutputs: {{O: {{Value: 1}}}}\n"
    );
    let second = "
Parameters: {App: {Type: Number}}
Metadata: {A: 2}
Conditions: {C: !Equals [a, c]}
Mappings: {M: {k: {v: 1}, l: {v: 2}}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
Outputs: {O: {Value: '1'}}
";
    insta::assert_snapshot!(told(merged(&[&first, second], None, Owner::Workload)));
}

#[test]
fn what_is_no_template_is_refused_and_lost_sections_are_warned_of() {
    let result =
        merged(&["[]", "Resources: []\nOutputs: x\nParameters:\n", "a: b: c"], None, Owner::Workload);
    insta::assert_snapshot!("no_template", told(result));
    let result = merged(&[RESERVED, "Rules: {R: {}}\nHooks: {}\n"], None, Owner::Workload);
    insta::assert_snapshot!("lost_sections", told(result));
}

#[test]
fn every_parameter_has_a_value() {
    let template = format!("{}\n", RESERVED.replace("}}\n", "}, Size: {Type: String}, Vpc: {Type: String}}"));
    let given = "Parameters:\n  Size: large\n  Vpc: !ImportValue vpc\n";
    let addons = merged(&[&template], Some(given), Owner::Workload).unwrap().addons;
    insta::assert_snapshot!(to_yaml(&addons.parameters.into()), @r"
    Size: large
    Vpc: !ImportValue vpc
    ");
    insta::assert_snapshot!("nobody_gives_it", told(merged(&[&template], None, Owner::Workload)));
    let wrong = "Parameters: {App: x, Size: 1, Vcp: 2}\nOther: 1\n";
    insta::assert_snapshot!("given_wrongly", told(merged(&[&template], Some(wrong), Owner::Workload)));
    for empty in ["", "Parameters:\n", "Parameters: {}\n", "Parameters: []\n", "- a\n"] {
        let text = told(merged(&[RESERVED], Some(empty), Owner::Workload));
        assert!(text.contains("`addons.parameters.yml` has no `Parameters`"), "{empty:?}: {text}");
    }
}

#[test]
fn environments_give_no_name() {
    insta::assert_snapshot!("undeclared", told(merged(&["Resources: {}"], None, Owner::Workload)));
    let template = "Parameters: {App: {Type: String}, Env: {Type: String}}";
    assert!(merged(&[template], None, Owner::Environment).is_ok());
    let text = told(merged(&[RESERVED], None, Owner::Environment));
    assert!(text.contains("nobody gives the parameter `Name` a value"), "{text}");
}

#[test]
fn two_parameter_files_are_one_too_many() {
    let files = ["addons.parameters.yaml", "addons.parameters.yml"];
    let files = files.map(|name| Source::new(name, "Parameters: {}\n"));
    let template = [Source::new("a.yml", RESERVED)];
    let result = merge(Files { templates: &template, parameters: &files }, Owner::Workload);
    insta::assert_snapshot!(told(result));
}

//! Overrides as a CDK application in TypeScript.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Kind;
use super::resources::{Resource, variable};

/// Abbreviations of modules that are usual among users of CDK.
const ALIASES: [(&str, &str); 16] = [
    ("ApiGatewayV2", "apigwv2"),
    ("AppRunner", "ar"),
    ("ApplicationAutoScaling", "appasg"),
    ("AutoScaling", "asg"),
    ("AutoScalingPlans", "asgplans"),
    ("CertificateManager", "acm"),
    ("CloudFormation", "cfn"),
    ("CloudFront", "cf"),
    ("CloudWatch", "cw"),
    ("CodeBuild", "cb"),
    ("CodePipeline", "cp"),
    ("DynamoDB", "ddb"),
    ("ElasticLoadBalancingV2", "elbv2"),
    ("OpenSearchService", "oss"),
    ("Route53", "r53"),
    ("ServiceDiscovery", "sd"),
];

const IGNORED: &str = ".build\nnode_modules\n*.js\n!jest.config.js\n*.d.ts\n.cdk.staging\ncdk.out\n";

/// Names that the program passes to the application, each as a property with the variable that holds it.
const fn names(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Pipeline => &[("appName", "COPILOT_APPLICATION_NAME")],
        Kind::Environment => {
            &[("appName", "COPILOT_APPLICATION_NAME"), ("envName", "COPILOT_ENVIRONMENT_NAME")]
        }
    }
}

fn main(kind: Kind) -> String {
    let mut text = "\
#!/usr/bin/env node
import * as cdk from 'aws-cdk-lib';
import { TransformedStack } from '../stack';

const app = new cdk.App();
new TransformedStack(app, 'Stack', {
"
    .to_owned();
    for (property, variable) in names(kind) {
        let _ = writeln!(text, "    {property}: process.env.{variable} || \"\",");
    }
    text.push_str("});\n");
    text
}

const CDK: &str = r#"{
  "app": "npx ts-node --prefer-ts-exts bin/override.ts",
  "versionReporting": false,
  "watch": {
    "include": ["**"],
    "exclude": ["README.md", "cdk*.json", "**/*.d.ts", "**/*.js", "tsconfig.json", "package*.json", "node_modules", "test"]
  }
}
"#;

const PACKAGE: &str = r#"{
  "name": "override",
  "version": "0.1.0",
  "bin": { "override": "bin/override.js" },
  "scripts": { "build": "tsc", "watch": "tsc -w", "test": "jest", "cdk": "cdk" },
  "devDependencies": {
    "@types/jest": "^29.2.4",
    "@types/node": "^18.11.15",
    "aws-cdk": "2.56.0",
    "jest": "^29.3.1",
    "ts-jest": "^29.0.3",
    "ts-node": "^10.9.1",
    "typescript": "~4.9.4"
  },
  "dependencies": {
    "aws-cdk-lib": "2.56.0",
    "constructs": "^10.0.0",
    "source-map-support": "^0.5.21"
  }
}
"#;

const COMPILER: &str = r#"{
  "compilerOptions": {
    "target": "ES2020",
    "module": "commonjs",
    "lib": ["es2020"],
    "declaration": true,
    "strict": true,
    "noImplicitAny": true,
    "strictNullChecks": true,
    "noImplicitThis": true,
    "alwaysStrict": true,
    "inlineSourceMap": true,
    "inlineSources": true,
    "experimentalDecorators": true,
    "typeRoots": ["./node_modules/@types"]
  },
  "exclude": ["node_modules", "cdk.out"]
}
"#;

fn readme(kind: Kind) -> String {
    let (title, commands) = (kind.title(), kind.commands());
    format!(
        "\
# {title}

`stack.ts` is a CDK application that changes the template after it is rendered. It reads the template from `.build/in.yml`; what it
synthesises is deployed. Each method there changes one resource.

- `{commands} package --allow-cdk` installs the packages, runs the application, and prints the result.
- `{commands} deploy --allow-cdk --diff` shows what changes at AWS before it asks whether to go on.
"
    )
}

pub(super) fn files(kind: Kind, resources: &[Resource]) -> Vec<(&'static str, String)> {
    vec![
        (".gitignore", IGNORED.to_owned()),
        ("README.md", readme(kind)),
        ("bin/override.ts", main(kind)),
        ("cdk.json", CDK.to_owned()),
        ("package.json", PACKAGE.to_owned()),
        ("stack.ts", stack(kind, resources)),
        ("tsconfig.json", COMPILER.to_owned()),
    ]
}

/// `AWS::CodeBuild::Project` as the service and the last part.
fn parts(kind: &str) -> (&str, &str) {
    let mut parts = kind.split("::").skip(1);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn alias(service: &str) -> String {
    let known = ALIASES.iter().find(|(name, _)| *name == service);
    known.map_or_else(|| service.to_lowercase(), |(_, alias)| (*alias).to_owned())
}

fn stack(kind: Kind, resources: &[Resource]) -> String {
    let services: BTreeMap<String, String> = resources
        .iter()
        .map(|resource| parts(&resource.kind).0)
        .map(|s| (alias(s), s.to_lowercase()))
        .collect();
    let (mut imports, mut calls) = (String::new(), String::new());
    for (alias, service) in &services {
        let _ = writeln!(imports, "import {{ aws_{service} as {alias} }} from 'aws-cdk-lib';");
    }
    for resource in resources {
        let _ = writeln!(calls, "        this.transform{}();", resource.logical_id);
    }
    let (mut properties, mut fields, mut taken) = (String::new(), String::new(), String::new());
    for (name, _) in names(kind) {
        let _ = writeln!(properties, "    readonly {name}: string;");
        let _ = writeln!(fields, "    public readonly {name}: string;");
        let _ = writeln!(taken, "        this.{name} = props.{name};");
    }
    let methods: String = resources.iter().map(method).collect();
    format!(
        "import * as cdk from 'aws-cdk-lib';\n\
         import * as path from 'path';\n\
         {imports}\n\
         interface TransformedStackProps extends cdk.StackProps {{\n{properties}}}\n\n\
         export class TransformedStack extends cdk.Stack {{\n    \
             public readonly template: cdk.cloudformation_include.CfnInclude;\n\
         {fields}\n    \
             constructor (scope: cdk.App, id: string, props: TransformedStackProps) {{\n        \
                 super(scope, id, props);\n        \
                 this.template = new cdk.cloudformation_include.CfnInclude(this, 'Template', {{\n            \
                     templateFile: path.join('.build', 'in.yml'),\n        \
                 }});\n\
         {taken}{calls}    }}\n\
         {methods}}}\n"
    )
}

fn method(resource: &Resource) -> String {
    let Resource { kind, logical_id } = resource;
    let (service, last) = parts(kind);
    let (alias, variable) = (alias(service), variable(logical_id));
    format!(
        "\n    // Changes {logical_id}, an {kind}.\n    \
         transform{logical_id}() {{\n        \
             const {variable} = this.template.getResource(\"{logical_id}\") as {alias}.Cfn{last};\n        \
             throw new Error(\"not implemented\");\n    \
         }}\n"
    )
}

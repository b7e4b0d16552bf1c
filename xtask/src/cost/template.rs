//! What the cost model needs of `infra/template.yaml`: the memory of each function, and how many
//! resources there are that cost by the month. Read line by line: the file is ours, written in block
//! style with two spaces, and a reader of YAML would have to know CloudFormation's tags.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::report::Error;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    memory_default_mb: Option<u32>,
    /// By the name of the package.
    memory_mb: BTreeMap<String, u32>,
    /// Resources by type.
    resources: BTreeMap<String, u32>,
    /// Queues that Lambda polls.
    pub(super) polled_queues: u32,
}

impl Template {
    /// `None` where there is no such file.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Error> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self::parse(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("`{}` cannot be read: {error}", path.display()).into()),
        }
    }

    fn parse(text: &str) -> Self {
        let mut found = Self::default();
        let (mut section, mut package, mut memory) = ("", None, None);
        for line in text.lines() {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            if indent <= 2 {
                found.keep(&mut package, &mut memory);
            }
            if indent == 0 {
                section = content.trim_end_matches(':');
                continue;
            }
            let Some((key, value)) = content.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match (section, key, indent) {
                ("Globals", "MemorySize", _) => found.memory_default_mb = value.parse().ok(),
                ("Resources", "MemorySize", _) => memory = value.parse().ok(),
                ("Resources", "FunctionName" | "CodeUri", 6) => {
                    package = package.or_else(|| last_word(value));
                }
                ("Resources", "Type", 4) => {
                    *found.resources.entry(value.to_owned()).or_default() += 1;
                }
                ("Resources", "Type", _) if value == "SQS" => found.polled_queues += 1,
                _ => {}
            }
        }
        found.keep(&mut package, &mut memory);
        found
    }

    fn keep(&mut self, package: &mut Option<String>, memory: &mut Option<u32>) {
        if let (Some(package), Some(memory)) = (package.take(), memory.take()) {
            self.memory_mb.insert(package, memory);
        }
    }

    /// The memory of a function, where the template says it.
    pub(super) fn memory_mb(&self, package: &str) -> Option<u32> {
        let own = self.memory_mb.get(package).copied();
        own.or(self.memory_default_mb)
    }

    /// How many resources of a type there are.
    pub(super) fn count(&self, kind: &str) -> u32 {
        self.resources.get(kind).copied().unwrap_or(0)
    }
}

/// The package in `!Sub "${Prefix}discovery"` or `../target/lambda/discovery/`.
fn last_word(value: &str) -> Option<String> {
    let value = value.trim_end_matches(['"', '\'', '/']);
    let word = value.rsplit(['/', '}', '-', ' ', '"', '\'']).next()?;
    (!word.is_empty()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
Globals:
  Function:
    MemorySize: 256
Resources:
  # MemorySize: 1
  DiscoveryFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "${Prefix}discovery"
      CodeUri: ../target/lambda/discovery/
      MemorySize: 1024

  TriggerFunction:
    Type: AWS::Serverless::Function
    Properties:
      MemorySize: 128
      CodeUri: ../target/lambda/trigger
      Events:
        Runs:
          Type: SQS
  RunFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/run/
  DataKey:
    Type: AWS::KMS::Key
Outputs:
  Name:
    Type: AWS::KMS::Key
"#;

    #[test]
    fn memory_is_a_functions_own_or_the_common_one() {
        let template = Template::parse(TEXT);
        assert_eq!(template.memory_mb("discovery"), Some(1024));
        assert_eq!(template.memory_mb("trigger"), Some(128));
        assert_eq!(template.memory_mb("run"), Some(256));
        assert_eq!(Template::parse("Resources:\n").memory_mb("run"), None);
    }

    #[test]
    fn resources_are_counted_by_type() {
        let template = Template::parse(TEXT);
        assert_eq!(template.count("AWS::KMS::Key"), 1);
        assert_eq!(template.count("AWS::Serverless::Function"), 3);
        assert_eq!(template.count("AWS::CloudWatch::Alarm"), 0);
        assert_eq!(template.polled_queues, 1);
    }

    #[test]
    fn no_file_is_no_template() {
        assert_eq!(Template::read(Path::new("no/such.yaml")).unwrap(), None);
    }
}

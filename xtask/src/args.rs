//! The arguments after the task's name.

use anyhow::{Context, Result, bail};

/// The words after the task's name; each method removes the words that it uses.
pub struct Args(Vec<String>);

impl Args {
    pub fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// Whether `--name` is given.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// The word after `--name`.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let Some(at) = self.0.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.0.remove(at);
        if at == self.0.len() {
            bail!("`{name}` needs a value");
        }
        Ok(Some(self.0.remove(at)))
    }

    /// The word after `--name` as a number.
    pub fn number<N: std::str::FromStr>(&mut self, name: &str) -> Result<Option<N>> {
        self.value(name)?
            .map(|word| {
                let number = word.parse().ok();
                number.with_context(|| format!("`{name} {word}`: not a valid number"))
            })
            .transpose()
    }

    /// The remaining words; an option among them is an error.
    pub fn rest(self) -> Result<Vec<String>> {
        if let Some(option) = self.0.iter().find(|word| word.starts_with('-')) {
            bail!("this task has no option `{option}`");
        }
        Ok(self.0)
    }

    /// Fails if words remain.
    pub fn end(self) -> Result<()> {
        match self.rest()?.first() {
            Some(word) => bail!("this task takes no argument `{word}`"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_are_removed_and_words_remain() {
        let mut args = args("web --port 0 --no-build page");
        assert!(args.flag("--no-build"));
        assert!(!args.flag("--no-build"));
        assert_eq!(args.number::<u16>("--port").unwrap(), Some(0));
        assert_eq!(args.rest().unwrap(), ["web", "page"]);
    }

    #[test]
    fn arguments_that_cannot_be_parsed_are_an_error() {
        assert!(args("--port").value("--port").is_err());
        assert!(args("--port 70000").number::<u16>("--port").is_err());
        assert!(args("--prot 1").rest().is_err());
        assert!(args("word").end().is_err());
    }
}

//! What the parameters of a model have in common.

use std::fmt::Debug;

use crate::error::{Error, ErrorKind, Result};

/// How the optimiser sees a parameter, and on which scale its interval is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scale {
    /// By its logarithm: it is positive.
    Log,
    /// As it is: a coefficient of any sign.
    Linear,
}

/// The parameters of a model: numbers under the names of the literature.
pub trait Params: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// Their names, in order.
    fn names(&self) -> Vec<String>;

    /// Their values, in that order.
    fn values(&self) -> Vec<f64>;

    /// Others of the same names.
    #[must_use]
    fn with_values(&self, values: &[f64]) -> Self;

    /// From names and values, in any order.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a name is missing, unknown or given twice, or a value is out of its range.
    fn from_named(named: &[(String, f64)]) -> Result<Self>;

    /// How the optimiser sees each; all by their logarithm unless the model says otherwise.
    fn scales(&self) -> Vec<Scale> {
        vec![Scale::Log; self.values().len()]
    }

    /// Names with values.
    fn named(&self) -> Vec<(String, f64)> {
        self.names().into_iter().zip(self.values()).collect()
    }

    /// Nothing, if every value is in its range.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] names the first that is not.
    fn check(&self) -> Result<()> {
        for ((name, value), scale) in self.named().into_iter().zip(self.scales()) {
            let range = match scale {
                Scale::Log if !(value.is_finite() && value > 0.0) => "it must be finite and above 0",
                Scale::Linear if !value.is_finite() => "it must be finite",
                _ => continue,
            };
            return Err(Error::new(ErrorKind::InvalidArgument, format!("parameter `{name}` is {value}: {range}")));
        }
        Ok(())
    }
}

/// The values in the coordinates of the optimiser.
pub(crate) fn coordinates(params: &impl Params) -> Vec<f64> {
    let one = |(value, scale): (f64, Scale)| match scale {
        Scale::Log => libm::log(value),
        Scale::Linear => value,
    };
    params.values().into_iter().zip(params.scales()).map(one).collect()
}

/// The parameters at a point of the optimiser.
pub(crate) fn at_coordinates<P: Params>(like: &P, point: &[f64]) -> P {
    let values: Vec<f64> = point
        .iter()
        .zip(like.scales())
        .map(|(at, scale)| match scale {
            Scale::Log => libm::exp(*at),
            Scale::Linear => *at,
        })
        .collect();
    like.with_values(&values)
}

/// Picks the values of `names` out of `named`; each must be there once, and no other.
pub(crate) fn pick<const N: usize>(named: &[(String, f64)], names: [&str; N]) -> Result<[f64; N]> {
    let wrong = |what: String| Err(Error::new(ErrorKind::InvalidArgument, what).with_help(format!("give {}", names.join(", "))));
    for (at, (name, _)) in named.iter().enumerate() {
        if !names.contains(&name.as_str()) {
            return wrong(format!("parameter `{name}` is not one of the model's"));
        }
        if named.iter().take(at).any(|(other, _)| other == name) {
            return wrong(format!("parameter `{name}` is given twice"));
        }
    }
    let mut values = [0.0; N];
    for (value, name) in values.iter_mut().zip(names) {
        match named.iter().find(|(known, _)| known == name) {
            Some((_, found)) => *value = *found,
            None => return wrong(format!("parameter `{name}` is missing")),
        }
    }
    Ok(values)
}

/// Declares a struct of positive parameters.
macro_rules! positive_params {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: f64),+
        }

        impl $crate::insight::lifetime::params::Params for $name {
            fn names(&self) -> Vec<String> {
                vec![$(stringify!($field).to_owned()),+]
            }

            fn values(&self) -> Vec<f64> {
                vec![$(self.$field),+]
            }

            fn with_values(&self, values: &[f64]) -> Self {
                let mut values = values.iter().copied();
                Self { $($field: values.next().unwrap_or(f64::NAN)),+ }
            }

            fn from_named(named: &[(String, f64)]) -> $crate::error::Result<Self> {
                let [$($field),+] = $crate::insight::lifetime::params::pick(named, [$(stringify!($field)),+])?;
                let made = Self { $($field),+ };
                made.check()?;
                Ok(made)
            }
        }
    };
}
pub(crate) use positive_params;

//! Enums that are tables: each variant is declared in one row, with all that is said of it.
//!
//! A row that lacks a column does not compile, and no column stands anywhere else.

/// An enum with texts: rows of `Variant => "text";`.
///
/// A variant may have one value, `Variant(name: Type)`, or fields, `Variant { name: Type }`; the
/// text may show them as `{name}`. Where that is not enough, `(|f| expression)` stands in place of
/// the text and writes it. `[section]` behind the text is appended to it in brackets.
macro_rules! texts {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident {$(
            $(#[$doc:meta])*
            $Variant:ident
            $(($value:ident: $value_type:ty))?
            $({ $($(#[$field_doc:meta])* $field:ident: $field_type:ty),+ $(,)? })?
            => $text:tt $([$section:expr])? $(, $_relation:ident $_to:ty)*;
        )+}
    ) => {
        $(#[$meta])*
        $vis enum $Name {$(
            $(#[$doc])*
            $Variant $(($value_type))? $({ $($(#[$field_doc])* $field: $field_type),+ })?,
        )+}

        impl core::fmt::Display for $Name {
            #[allow(unused_variables, reason = "not each text shows all values")]
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {$(
                    Self::$Variant $(($value))? $({ $($field),+ })? => {
                        $crate::table::text!(f, $text)?;
                        $(write!(f, " [{}]", $section)?;)?
                    }
                )+}
                Ok(())
            }
        }
    };
}

/// An error: rows as in [`texts!`], each followed by `, source name` where a value is the error
/// underneath, and by `, from Type` where `?` makes the variant of its only value.
///
/// `enum Name with section` demands a section of each row, and has a function of that name.
macro_rules! errors {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident with section { $($rows:tt)* }) => {
        $crate::table::errors! { $(#[$meta])* $vis enum $Name { $($rows)* } }
        $crate::table::sections! { $Name { $($rows)* } }
    };
    ($(#[$meta:meta])* $vis:vis enum $Name:ident { $($rows:tt)* }) => {
        $crate::table::texts! { $(#[$meta])* $vis enum $Name { $($rows)* } }
        $crate::table::sources! { $Name { $($rows)* } }
    };
}

/// The function `section` of [`errors!`].
macro_rules! sections {
    ($Name:ident {$(
        $(#[$_doc:meta])*
        $Variant:ident
        $(($value:ident: $_value_type:ty))?
        $({ $($(#[$_field_doc:meta])* $field:ident: $_field_type:ty),+ $(,)? })?
        => $_text:tt [$section:expr] $(, $_relation:ident $_to:ty)*;
    )+}) => {
        impl $Name {
            /// Where the rule stands that was broken.
            #[must_use]
            #[allow(unused_variables, reason = "few sections depend on the values")]
            pub const fn section(&self) -> &'static str {
                match self {$(
                    Self::$Variant $(($value))? $({ $($field),+ })? => $section,
                )+}
            }
        }
    };
}

/// The implementations of `Error` and `From` of [`errors!`].
macro_rules! sources {
    ($Name:ident {$(
        $(#[$_doc:meta])*
        $Variant:ident
        $(($value:ident: $_value_type:ty))?
        $({ $($(#[$_field_doc:meta])* $field:ident: $_field_type:ty),+ $(,)? })?
        => $_text:tt $([$_section:expr])? $(, source $source:ident)? $(, from $from:ty)?;
    )+}) => {
        impl core::error::Error for $Name {
            #[allow(unused_variables, reason = "not each value is an error")]
            fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
                match self {$(
                    Self::$Variant $(($value))? $({ $($field),+ })? => {
                        $crate::table::source!($($source)?)
                    }
                )+}
            }
        }

        $($(
            impl From<$from> for $Name {
                fn from(error: $from) -> Self {
                    Self::$Variant(error)
                }
            }
        )?)+
    };
}

/// An enum whose variants have no values: rows of `Variant = number, "section", "text";`, or
/// without a section where none has one. Numbers are stable; records hold them.
macro_rules! numbered {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident: $integer:ident {
            $($(#[$doc:meta])* $Variant:ident = $number:literal, $text:literal;)+
        }
    ) => {
        $(#[$meta])*
        #[repr($integer)]
        $vis enum $Name {
            $($(#[$doc])* $Variant = $number,)+
        }

        impl $Name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),+];

            /// A stable number: it does not change between versions of this library.
            #[must_use]
            pub const fn number(self) -> $integer {
                self as $integer
            }

            /// The one with this number.
            #[must_use]
            pub const fn from_number(number: $integer) -> Option<Self> {
                Some(match number {
                    $($number => Self::$Variant,)+
                    _ => return None,
                })
            }
        }

        impl core::fmt::Display for $Name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self {
                    $(Self::$Variant => $text,)+
                })
            }
        }

        impl $crate::recorded::Recorded for $Name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                self.number().write(out);
            }

            fn read(octets: &mut $crate::recorded::Octets<'_>) -> Option<Self> {
                Self::from_number($crate::recorded::Recorded::read(octets)?)
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident: $integer:ident {
            $($(#[$doc:meta])* $Variant:ident = $number:literal, $section:literal, $text:literal;)+
        }
    ) => {
        $crate::table::numbered! {
            $(#[$meta])*
            $vis enum $Name: $integer {
                $($(#[$doc])* $Variant = $number, $text;)+
            }
        }

        impl $Name {
            /// Where it is defined.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self {
                    $(Self::$Variant => $section,)+
                }
            }
        }
    };
}

/// Writes the text of a row.
macro_rules! text {
    ($f:ident, $text:literal) => {
        write!($f, $text)
    };
    ($f:ident, (|$g:ident| $write:expr)) => {{
        let $g = &mut *$f;
        $write
    }};
}

macro_rules! source {
    () => {
        None
    };
    ($source:ident) => {
        Some($source)
    };
}

pub(crate) use {errors, numbered, sections, source, sources, text, texts};

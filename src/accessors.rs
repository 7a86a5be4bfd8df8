//! Options and accessors as tables: rows of docs, name and type, and what they come to.
//! [`table`](crate::table) has enums and their texts.

/// An error without variants: a struct and its text, which may name the fields.
macro_rules! error {
    (
        $(#[$outer:meta])*
        pub struct $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* } => $text:literal
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let Self { $($field),* } = self;
                write!(f, $text)
            }
        }

        impl core::error::Error for $name {}
    };
}

/// Options of a builder: `name(value)` sets the field of this name and returns the builder. What
/// stands behind `=` is kept instead of the value; `[inner]` is the field in which it stands.
/// After `extend`, the field is a list of values of this type, and each call adds to it.
macro_rules! setters {
    (extend $($(#[$doc:meta])* $([$inner:ident])? $name:ident: $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(mut self, $name: impl IntoIterator<Item = $type>) -> Self {
                self.$($inner.)?$name.extend($name);
                self
            }
        )*
    };
    (const $($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub const fn $name(mut self, $name: $type) -> Self {
                self.$name = $name;
                self
            }
        )*
    };
    ($($(#[$doc:meta])* $([$($inner:ident).+])? $name:ident: $type:ty $(= $value:expr)?;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(mut self, $name: $type) -> Self {
                $(let $name = $value;)?
                self.$($($inner.)+)?$name = $name;
                self
            }
        )*
    };
}

/// Accessors: `ref name: Type` borrows the field of this name, `copy name: Type` copies it. Both
/// may stand in another field: `ref[inner] name: Type`. After `|self|`, each row gives the
/// value that is returned: `name: Type = expression`.
macro_rules! getters {
    (|$self:ident| $($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            #[allow(clippy::double_must_use, reason = "some types have the attribute too")]
            pub fn $name(&$self) -> $type {
                $value
            }
        )*
    };
    ($($(#[$doc:meta])* $kind:ident $([$inner:tt])? $name:ident: $type:ty;)*) => {
        $(getters!(@$kind $([$inner])? $(#[$doc])* $name $type);)*
    };
    (@ref $([$inner:tt])? $(#[$doc:meta])* $name:ident $type:ty) => {
        $(#[$doc])*
        #[must_use]
        #[allow(clippy::double_must_use, reason = "some types have the attribute too")]
        pub fn $name(&self) -> &$type {
            &self.$($inner.)?$name
        }
    };
    (@copy [$inner:tt] $(#[$doc:meta])* $name:ident $type:ty) => {
        $(#[$doc])*
        #[must_use]
        #[allow(clippy::double_must_use, reason = "some types have the attribute too")]
        pub fn $name(&self) -> $type {
            self.$inner.$name
        }
    };
    (@copy $(#[$doc:meta])* $name:ident $type:ty) => {
        $(#[$doc])*
        #[must_use]
        #[allow(clippy::double_must_use, reason = "some types have the attribute too")]
        pub const fn $name(&self) -> $type {
            self.$name
        }
    };
}

/// A struct with the fields that `new` takes, and options, each with its default and a setter of
/// the same name.
macro_rules! options {
    (
        $(#[$outer:meta])*
        pub struct $name:ident<$life:lifetime>;
        $(#[$new_doc:meta])*
        new($($required:ident: $required_type:ty),*);
        $($(#[$doc:meta])* $option:ident: $type:ty = $default:expr;)*
    ) => {
        $(#[$outer])*
        #[must_use]
        pub struct $name<$life> {
            $($required: $required_type,)*
            $($option: $type,)*
        }

        impl<$life> $name<$life> {
            $(#[$new_doc])*
            pub const fn new($($required: $required_type),*) -> Self {
                Self { $($required,)* $($option: $default,)* }
            }

            setters! { const $($(#[$doc])* $option: $type;)* }
        }
    };
}

/// `Debug` that shows some fields only: the others are secret, or say nothing.
macro_rules! debug {
    (impl[$($generics:tt)*] $type:ty: $name:literal, |$self:ident| $($field:literal: $value:expr),*) => {
        impl<$($generics)*> core::fmt::Debug for $type {
            fn fmt(&$self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct($name)$(.field($field, &$value))*.finish_non_exhaustive()
            }
        }
    };
}

/// A struct whose fields have a default each, which [`Default`] gives.
macro_rules! defaults {
    (
        $(#[$outer:meta])* $vis:vis struct $name:ident;
        $(#[$default_doc:meta])* default;
        $($(#[$meta:meta])* $field_vis:vis $field:ident: $type:ty = $default:expr;)*
    ) => {
        $(#[$outer])*
        $vis struct $name {
            $($(#[$meta])* $field_vis $field: $type,)*
        }

        impl Default for $name {
            $(#[$default_doc])*
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

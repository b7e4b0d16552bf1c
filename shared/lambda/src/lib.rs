//! Serves a recipe under the Lambda runtime

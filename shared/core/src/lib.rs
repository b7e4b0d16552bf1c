//! Recipes, components, ports and the one way to execute a step

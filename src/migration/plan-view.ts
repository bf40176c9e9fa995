import { type Plan, statementsOf } from "./plan.ts";

/** A plan as it is printed for machines. */
export function viewPlan(plan: Plan) {
  return {
    state: plan.state,
    steps: plan.steps.map((step) => ({
      id: step.id,
      title: step.title,
      reason: step.reason,
      state: step.state,
      up: statementsOf(step.up),
      down: statementsOf(step.down),
      lock: step.lock,
      transactional: step.transactional,
    })),
    refusals: plan.refusals,
    warnings: plan.warnings,
  };
}

import { PromptSchema, ResourceSchema, ResourceTemplateSchema, ToolSchema } from '@modelcontextprotocol/core';
import type { z } from 'zod';

/** What the specification says that these are; values may hold more members than the types name. */
export type Tool = z.infer<typeof ToolSchema>;
export type Prompt = z.infer<typeof PromptSchema>;
export type Resource = z.infer<typeof ResourceSchema>;
export type ResourceTemplate = z.infer<typeof ResourceTemplateSchema>;

/** A value that is what it should be: the very one that was given, with all its members. Or what is wrong with it, for people. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/**
 * These check an element of a list that a server gave, when the list is taken in: not for the hot path.
 * Problems name where and what, one after the other: `inputSchema.type: Invalid input: expected "object"`.
 */
export function checkTool(value: unknown): Checked<Tool> {
  return check(ToolSchema, value);
}

export function checkPrompt(value: unknown): Checked<Prompt> {
  return check(PromptSchema, value);
}

export function checkResource(value: unknown): Checked<Resource> {
  return check(ResourceSchema, value);
}

export function checkResourceTemplate(value: unknown): Checked<ResourceTemplate> {
  return check(ResourceTemplateSchema, value);
}

/** Bound on what a hostile server can make a log say. */
const maxProblemLength = 500;

function check<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value);
  // The schemas drop members that they do not know, so what they return is not used.
  if (parsed.success) return { ok: true, value: value as T };
  const problem = parsed.error.issues
    .map((issue) => `${issue.path.map(String).join('.') || 'value'}: ${issue.message}`)
    .join('; ');
  return { ok: false, problem: problem.slice(0, maxProblemLength) };
}

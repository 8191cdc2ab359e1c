import type { HeaderParam, RawObject, Service, Told } from '@toolyard/protocol';
import type { ProfileDefinition } from '@toolyard/registry';
import type { Kind } from '../catalogue/kinds.ts';

/** What some callers see. Whatever it does not show is not there for them: it cannot be called, read, completed or listened to. */
export interface View {
  /** Answers from the first moment on, with what is there. */
  readonly service: Service;
  /** Which arguments of a tool, by the name callers use, travel as headers too: for a door that checks them (`toolHeaders` of `httpTransport`). */
  toolHeaders(tool: string): readonly HeaderParam[] | undefined;
  /** The tools that are listed now, by the name callers use, in the order of the list. Another object when any of them changed. */
  readonly tools: ReadonlyMap<string, ViewTool>;
  readonly events: {
    /** These lists differ from what they were. */
    readonly catalogue: Told<readonly Kind[]>;
  };
}

/** The view that a profile describes. */
export interface ProfileView extends View {
  /** As it is now. */
  readonly profile: ProfileDefinition;
  /** Of `tools`, those that the profile pins, in its order. */
  readonly pinned: readonly ViewTool[];
  /** What of the profile does not fit what its servers offer. Says nothing of tools of servers that were never up. */
  problems(): readonly ProfileProblem[];
}

export interface ViewTool {
  /** What it is called where everything is seen. */
  readonly id: string;
  /** What callers of this view call it. */
  readonly name: string;
  /** The id of its server. */
  readonly server: string;
  /** What its server calls it. */
  readonly ownName: string;
  /** As callers of this view see it. */
  readonly definition: RawObject;
}

export interface ProfileProblem {
  /** As the profile calls it. */
  readonly tool: string;
  readonly reason: string;
}

/**
 * What differs between the revisions before 2026-07-28 and the shape inside, as pure functions that splice: what they do not have to change
 * keeps its bytes.
 */
export { toolErrorResult, toLegacyResult, toModernResult } from './results.ts';
export { callerFromInitialize, discoverFromInitialize, initializeResult, withoutNotifications } from './handshake.ts';
export { toLegacyError, toModernError } from './errors.ts';
export { legacyKnowsNotification, modernKnowsNotification } from './notifications.ts';
export {
  type Question,
  inputRequestsOf,
  inputRequiredResult,
  isInputRequired,
  questionsOf,
  toLegacyAnswer,
  toLegacyQuestion,
  toModernQuestion,
  withAnswers,
  withoutAnswers,
} from './questions.ts';
export {
  asTask,
  declaresTasks,
  relatedTask,
  runsTasks,
  tasksExtension,
  taskSupportOf,
  toModernTask,
  withoutRelatedTask,
  withRelatedTask,
} from './tasks.ts';

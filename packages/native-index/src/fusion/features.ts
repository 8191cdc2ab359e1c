/** What a tool is judged by, each about between 0 and 1. The ranking is their weighted sum. */
export const features = [
  /** BM25F, of what a tool could reach at most. */
  'lexical',
  /** The same, of what the best tool reached. */
  'lexicalShare',
  /** Cosine between query and tool. */
  'dense',
  /** The same, of the best tool's, counted from the last of the nearest. */
  'denseShare',
  /** How much of the tool's name the query says. */
  'nameSaid',
  /** The same, of the name without its verbs. */
  'thingSaid',
  /** How much of what is asked for, without where and how, is in the tool's name. */
  'headInName',
  /** How much of that is anywhere in the tool. */
  'headSaid',
  /** Several are asked for of what the tool's name says, and it lists. */
  'manyListed',
  /** Several are asked for, and it reads one. */
  'manyRead',
  /** How much of the query is in the tool's name. */
  'saidInName',
  /** How much of the query is anywhere in the tool. */
  'said',
  /** The tool does what the query's verb says. */
  'verbAgrees',
  /** The tool does something else. */
  'verbDiffers',
  /** BM25F of the part of the query that the tool fits best. */
  'segmentLexical',
  /** Cosine with that part of the query that is nearest. */
  'segmentDense',
  /** No tool fits some part of the query better, by words. */
  'segmentLexicalBest',
  /** No tool fits some part of the query better, by meaning. */
  'segmentDenseBest',
  /** Mean of the best three tools of its server, by words. */
  'serverLexical',
  /** Mean of the best three tools of its server, by meaning. */
  'serverDense',
  /** Closeness to the top of the list by words: 1 for the first. */
  'lexicalRank',
  /** Closeness to the top of the list by meaning. */
  'denseRank',
  /** Cosine between the query and the tool's name with the first sentence about it. */
  'denseHeadline',
  /** The same, of the best tool's, counted from the worst that was looked at. */
  'denseHeadlineShare',
  /** Cosine of the tool's headline with the part of the query that is nearest. */
  'denseHeadlineSegment',
  /** How much of the tool's name the query means: each piece of it by the query's nearest piece. */
  'lateName',
  /** The same of its headline. */
  'lateHeadline',
  /** How much of the query the tool's headline means: each piece of the query by the headline's nearest piece. */
  'lateInHeadline',
] as const;

export type Feature = (typeof features)[number];

export const featureCount: number = features.length;

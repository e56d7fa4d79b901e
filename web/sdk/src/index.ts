/** Public face of the SDK: what a game needs to play on a Battle Circles server. */

export type {
  DeltaContext,
  GameAdapter,
  Point,
  PredictedOwn,
  PredictionRule,
  Sample,
} from './adapter.ts';
export { GameClient } from './client.ts';
export type { ClientErrorEvent, ErrorKind } from './client-error.ts';
export { ConnectError } from './connect-error.ts';
export type { DatagramListener, DatagramRecord, Direction } from './datagram-tap.ts';
export type {
  ClientEvents,
  ClientOptions,
  ClientState,
  CloseCause,
  ClosedEvent,
  EventDeliveryMode,
  GameEventMessage,
  HintStorage,
  IdentitySource,
  Joined,
  JoinOptions,
  JoinRequest,
  ResumableSeat,
  Returning,
  RoomVisibility,
  Status,
  TabStorage,
  Welcomed,
} from './events.ts';
export { Identity } from './identity.ts';
export { IdentityCodeError, identityCode, identityFromCode } from './identity-code.ts';
export { IdentityStore, type IdentityStoreOptions, type KeptIdentity } from './identity-store.ts';
export { listRooms, type RoomSummary } from './net/admission/rooms.ts';
export type { NetworkProfileName } from './net/emulator/network-profile.ts';
export {
  LEADERBOARD_WINDOWS,
  type LeaderboardEntry,
  type LeaderboardPage,
  type LeaderboardQuery,
  type LeaderboardWindow,
  readLeaderboard,
} from './net/records/leaderboard.ts';
export {
  deletePlayer,
  isDeletedPlayer,
  type PlayerProfile,
  readOwnProfile,
  readProfile,
  renamePlayer,
} from './net/records/profile.ts';
export { DecodeError, type DecodeFault, decode, Reader, Writer } from './protocol/codec.ts';
export { RUNGS, type RungKind } from './rung.ts';
export { type CheckOptions, checkRungs, type RungCheck } from './rung-check.ts';
export type {
  DropCounts,
  FrameCounts,
  LinkStats,
  RungChange,
  Sequences,
  Stats,
} from './stats.ts';

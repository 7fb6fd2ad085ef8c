// @ts-nocheck
/* Made from src/config/config-schema.ts by `npm run generate`; do not edit. */
import { createRequire } from 'node:module';
import type { ConfigValidator } from '../config/config-schema.ts';

// Ajv's run-time helpers are CommonJS.
const require = createRequire(import.meta.url);

/** @param FORMATS whether a text is of the format of that name */
export function configValidator(FORMATS: Readonly<Record<string, (text: string) => boolean>>): ConfigValidator {
const exports = {};
"use strict";
exports.config = validate20;
const schema31 = {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Holdfast configuration","type":"object","additionalProperties":false,"properties":{"server":{"type":"object","additionalProperties":false,"properties":{"host":{"type":"string","minLength":1,"default":"127.0.0.1","description":"The address to listen on."},"port":{"type":"integer","minimum":0,"maximum":65535,"default":8080,"description":"The port; 0 takes a free one."},"httpThreads":{"type":"integer","minimum":1,"maximum":64,"default":1,"description":"Threads that have the connections; 1: the main thread has them."},"allowedOrigins":{"type":"array","maxItems":100,"items":{"type":"string","minLength":1},"description":"Origins of other sites, such as https://dashboard.example, whose pages may open the feed as a WebSocket."},"allowedHosts":{"type":"array","maxItems":100,"items":{"type":"string","minLength":1},"description":"What the header Host of a request may say, with or without the port. Anything when absent."},"trustedProxies":{"type":"array","maxItems":100,"items":{"type":"string","format":"network"},"description":"Addresses and networks of proxies: a client is then who their X-Forwarded-For names last."},"tls":{"type":"object","additionalProperties":false,"required":["keyFile","certFile"],"properties":{"keyFile":{"type":"string","minLength":1,"x-path":true,"description":"The private key, PEM."},"certFile":{"type":"string","minLength":1,"x-path":true,"description":"The certificate and its chain, PEM."}}}}},"storage":{"type":"object","additionalProperties":false,"properties":{"directory":{"type":"string","minLength":1,"x-path":true,"default":"./holdfast-data","description":"The data folder."},"schemaDirectory":{"type":"string","minLength":1,"x-path":true,"description":"A folder of further kinds, one JSON Schema each."},"journalSync":{"type":"string","enum":["always","interval"],"default":"always","description":"When an answered write is on disk: before its answer, or at the latest one interval after it."},"journalSyncIntervalMs":{"type":"integer","x-unit":"ms","minimum":1,"maximum":3600000,"default":100},"journalKeepBytes":{"type":"integer","x-unit":"bytes","minimum":0,"maximum":1099511627776,"default":1073741824,"description":"Journal that is kept though snapshots have it: how far back the feed can be resumed."},"lagChangesMax":{"type":"integer","minimum":1,"maximum":10000000,"default":65536,"description":"How many changes the working set may be behind."},"lagMs":{"type":"integer","x-unit":"ms","minimum":1,"maximum":3600000,"default":1000,"description":"How long the working set may be behind."}}},"snapshots":{"type":"object","additionalProperties":false,"properties":{"every":{"type":"string","format":"snapshot-schedule","default":"5m","description":"An interval (60s, 5m, 1h) or a cron expression of 5 or 6 fields."},"retain":{"type":"object","additionalProperties":false,"x-shorthand":"newest","properties":{"newest":{"type":"integer","minimum":1,"maximum":100000,"default":24},"hourly":{"type":"integer","minimum":0,"maximum":100000,"default":0},"daily":{"type":"integer","minimum":0,"maximum":100000,"default":0},"weekly":{"type":"integer","minimum":0,"maximum":100000,"default":0}}},"onShutdown":{"type":"boolean","default":true},"journalBytesMax":{"type":"integer","x-unit":"bytes","minimum":1048576,"maximum":1099511627776,"default":1073741824,"description":"A journal of this size brings a snapshot on."},"restore":{"type":"boolean","default":true,"description":"False puts what is there aside and starts empty."}}},"auth":{"type":"object","additionalProperties":false,"properties":{"reads":{"type":"string","enum":["public","token"],"default":"public","description":"Whether reading the inventory needs a token."},"algorithm":{"type":"string","enum":["HS256","RS256","ES256","EdDSA"],"default":"HS256"},"secretFile":{"type":"string","minLength":1,"x-path":true,"description":"The shared secret of HS256, at least 32 bytes."},"previousSecretFile":{"type":"string","minLength":1,"x-path":true,"description":"The secret of before, of which tokens are still accepted."},"jwksFile":{"type":"string","minLength":1,"x-path":true},"jwksUrl":{"type":"string","format":"http-url"},"issuer":{"type":"string","minLength":1},"audience":{"type":"string","minLength":1},"leewaySeconds":{"type":"integer","x-unit":"seconds","minimum":0,"maximum":120,"default":30}}},"agent":{"type":"object","additionalProperties":false,"properties":{"config":{"type":"string","minLength":1,"x-path":true,"description":"NodeAgent2's XML file, instead of tick and endpoints."},"passwordFile":{"type":"string","minLength":1,"x-path":true,"description":"The password of the HTTP Digest user admin."},"digestMd5":{"type":"boolean","default":true,"description":"Whether MD5 is offered beside SHA-256."},"nonceLifetime":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":300000},"tick":{"type":"string","format":"period","default":"1m","description":"How often is looked for what is to be renewed."},"closedRetention":{"type":"integer","x-unit":"ms","minimum":0,"maximum":315360000000,"default":604800000},"endpoints":{"type":"array","maxItems":256,"items":{"type":"object","additionalProperties":false,"required":["name","plugin","schedulePeriod"],"properties":{"name":{"type":"string","description":"The last part of its routes."},"plugin":{"type":"string","minLength":1,"description":"null, exec, simulator, a package, or a path that begins with ./, ../ or /."},"export":{"type":"string","minLength":1,"default":"default","description":"The export of the module that makes the plugin."},"schedulePeriod":{"type":"string","format":"period","description":"How long a reservation lasts unless it is renewed; 0 is never renewed."},"renewAdvanceTicks":{"type":"integer","minimum":0,"maximum":100000,"default":1,"description":"How many ticks before its end a reservation is renewed."},"config":{"type":"string","minLength":1,"description":"A file for the plugin."},"properties":{"type":"object","additionalProperties":{"type":"string"},"default":{},"description":"Settings for the plugin."},"description":{"type":"string","description":"What GET /description answers."},"isolation":{"type":"string","enum":["thread","process"],"default":"thread"},"threads":{"type":"integer","minimum":1,"maximum":64,"default":2},"concurrentCalls":{"type":"integer","minimum":1,"maximum":1000,"default":1,"description":"Calls at once in each thread."},"concurrentRenewals":{"type":"integer","minimum":1,"maximum":64000,"description":"Renewals at once, at most; half of all calls when absent."},"queueLength":{"type":"integer","minimum":1,"maximum":1000000,"default":1024,"description":"Calls that may wait: well below limits.inFlight, or one endpoint that hangs takes the whole server."},"memory":{"type":"integer","x-unit":"bytes","minimum":33554432,"maximum":68719476736,"default":268435456,"description":"Of each thread."},"env":{"type":"array","maxItems":1000,"items":{"type":"string","format":"variable-name"},"default":[],"description":"Variables that the plugin may see."},"user":{"type":"string","minLength":1,"description":"The account of the process; for isolation process."},"timeLimits":{"type":"object","additionalProperties":false,"properties":{"join":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":300000},"leave":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":300000},"modify":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":300000},"renew":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":300000},"status":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":30000},"find":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":30000},"list":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"default":30000}}},"renewRetries":{"type":"integer","minimum":0,"maximum":1000,"default":0,"description":"Attempts after a failed renewal, before the end."}}}}}},"metrics":{"type":"object","additionalProperties":false,"properties":{"access":{"type":"string","enum":["public","token"],"default":"public","description":"Whether GET /metrics needs a token."}}},"query":{"type":"object","additionalProperties":false,"properties":{"enabled":{"type":"boolean","default":true,"description":"Whether SQL can be asked at all."},"timeLimit":{"type":"integer","x-unit":"ms","minimum":100,"maximum":3600000,"default":10000,"description":"For one query."},"rowsMax":{"type":"integer","minimum":1,"maximum":1000000000,"default":1000000,"description":"Rows of one result."},"bytesMax":{"type":"integer","x-unit":"bytes","minimum":1024,"maximum":68719476736,"default":67108864,"description":"Bytes of one result."},"memory":{"type":"integer","x-unit":"bytes","minimum":67108864,"maximum":1099511627776,"default":1073741824,"description":"Of each process, beside what Node needs."},"children":{"type":"integer","minimum":1,"maximum":64,"default":2,"description":"Processes, and so queries at once."},"saved":{"type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"required":["name","sql","every"],"properties":{"name":{"type":"string","format":"figure-name","description":"Of the figure."},"description":{"type":"string","minLength":1,"description":"What the figure tells."},"sql":{"type":"string","minLength":1,"description":"A SELECT with a column value, and those that labels names."},"at":{"type":"string","minLength":1,"default":"now","description":"As in POST /query."},"every":{"type":"integer","x-unit":"ms","minimum":1000,"maximum":86400000,"description":"How long after it was answered it is asked again."},"labels":{"type":"array","maxItems":10,"items":{"type":"string","format":"figure-name"},"default":[],"description":"Columns that tell the rows apart."}}}}}},"log":{"type":"object","additionalProperties":false,"properties":{"level":{"type":"string","enum":["debug","info","warn","error"],"default":"info"},"format":{"type":"string","enum":["auto","json","pretty"],"default":"auto","description":"auto: pretty on a terminal, JSON otherwise."}}},"history":{"type":"object","additionalProperties":false,"properties":{"memoryBytes":{"type":"integer","x-unit":"bytes","minimum":67108864,"maximum":1099511627776,"default":1073741824,"description":"What states of the past may take in memory; they are given back when nobody asks for them."}}},"limits":{"type":"object","additionalProperties":false,"properties":{"bodyBytes":{"type":"integer","x-unit":"bytes","minimum":1024,"maximum":1073741824,"default":16777216,"description":"The largest body of one request."},"bulkBytes":{"type":"integer","x-unit":"bytes","minimum":1024,"maximum":68719476736,"default":1073741824,"description":"The largest body of a bulk request."},"inFlight":{"type":"integer","minimum":1,"maximum":1000000,"default":4096,"description":"Requests that may be under way at once."},"inFlightPerAddress":{"type":"integer","minimum":1,"maximum":1000000,"default":3072,"description":"Those of one address."},"connections":{"type":"integer","minimum":8,"maximum":1000000,"default":10000,"description":"Connections that may be open at once."},"connectionsPerAddress":{"type":"integer","minimum":1,"maximum":1000000,"default":4096,"description":"Those of one address."},"requestsPerSecond":{"type":"integer","minimum":0,"maximum":1000000,"default":0,"description":"Requests of one address; 0 is any number."},"feedsPerAddress":{"type":"integer","minimum":1,"maximum":1000000,"default":1024,"description":"Subscribers of the feed at one address."},"pastPerCaller":{"type":"integer","minimum":1,"maximum":64,"default":16,"description":"Requests about the past that one caller may have under way."},"queriesPerCaller":{"type":"integer","minimum":1,"maximum":80,"default":8,"description":"SQL queries that one caller may have under way."},"requestTimeLimitMs":{"type":"integer","x-unit":"ms","minimum":100,"maximum":3600000,"default":30000}}}}};
const func0 = Object.prototype.hasOwnProperty;
const func63 = require("ajv/dist/runtime/ucs2length").default;
const formats0 = FORMATS.network;
const formats2 = FORMATS["snapshot-schedule"];
const formats4 = FORMATS["http-url"];
const formats6 = FORMATS.period;
const formats10 = FORMATS["variable-name"];
const formats12 = FORMATS["figure-name"];

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate20.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 of Object.keys(data)){
if(!(func0.call(schema31.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.server !== undefined && func0.call(data, "server")){
let data0 = data.server;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 of Object.keys(data0)){
if(!(((((((key1 === "host") || (key1 === "port")) || (key1 === "httpThreads")) || (key1 === "allowedOrigins")) || (key1 === "allowedHosts")) || (key1 === "trustedProxies")) || (key1 === "tls"))){
const err1 = {instancePath:instancePath+"/server",schemaPath:"#/properties/server/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.server,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data0.host !== undefined && func0.call(data0, "host")){
let data1 = data0.host;
if(typeof data1 === "string"){
if(func63(data1) < 1){
const err2 = {instancePath:instancePath+"/server/host",schemaPath:"#/properties/server/properties/host/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.server.properties.host,data:data1};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath:instancePath+"/server/host",schemaPath:"#/properties/server/properties/host/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.server.properties.host.type,parentSchema:schema31.properties.server.properties.host,data:data1};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data0.port !== undefined && func0.call(data0, "port")){
let data2 = data0.port;
if(!(((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2))) && (isFinite(data2)))){
const err4 = {instancePath:instancePath+"/server/port",schemaPath:"#/properties/server/properties/port/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.server.properties.port.type,parentSchema:schema31.properties.server.properties.port,data:data2};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if((typeof data2 == "number") && (isFinite(data2))){
if(data2 > 65535 || isNaN(data2)){
const err5 = {instancePath:instancePath+"/server/port",schemaPath:"#/properties/server/properties/port/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535",schema:65535,parentSchema:schema31.properties.server.properties.port,data:data2};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data2 < 0 || isNaN(data2)){
const err6 = {instancePath:instancePath+"/server/port",schemaPath:"#/properties/server/properties/port/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.server.properties.port,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
if(data0.httpThreads !== undefined && func0.call(data0, "httpThreads")){
let data3 = data0.httpThreads;
if(!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))){
const err7 = {instancePath:instancePath+"/server/httpThreads",schemaPath:"#/properties/server/properties/httpThreads/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.server.properties.httpThreads.type,parentSchema:schema31.properties.server.properties.httpThreads,data:data3};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if((typeof data3 == "number") && (isFinite(data3))){
if(data3 > 64 || isNaN(data3)){
const err8 = {instancePath:instancePath+"/server/httpThreads",schemaPath:"#/properties/server/properties/httpThreads/maximum",keyword:"maximum",params:{comparison: "<=", limit: 64},message:"must be <= 64",schema:64,parentSchema:schema31.properties.server.properties.httpThreads,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data3 < 1 || isNaN(data3)){
const err9 = {instancePath:instancePath+"/server/httpThreads",schemaPath:"#/properties/server/properties/httpThreads/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.server.properties.httpThreads,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
if(data0.allowedOrigins !== undefined && func0.call(data0, "allowedOrigins")){
let data4 = data0.allowedOrigins;
if(Array.isArray(data4)){
if(data4.length > 100){
const err10 = {instancePath:instancePath+"/server/allowedOrigins",schemaPath:"#/properties/server/properties/allowedOrigins/maxItems",keyword:"maxItems",params:{limit: 100},message:"must NOT have more than 100 items",schema:100,parentSchema:schema31.properties.server.properties.allowedOrigins,data:data4};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
if(typeof data5 === "string"){
if(func63(data5) < 1){
const err11 = {instancePath:instancePath+"/server/allowedOrigins/" + i0,schemaPath:"#/properties/server/properties/allowedOrigins/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.server.properties.allowedOrigins.items,data:data5};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/server/allowedOrigins/" + i0,schemaPath:"#/properties/server/properties/allowedOrigins/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.server.properties.allowedOrigins.items.type,parentSchema:schema31.properties.server.properties.allowedOrigins.items,data:data5};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath:instancePath+"/server/allowedOrigins",schemaPath:"#/properties/server/properties/allowedOrigins/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.server.properties.allowedOrigins.type,parentSchema:schema31.properties.server.properties.allowedOrigins,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data0.allowedHosts !== undefined && func0.call(data0, "allowedHosts")){
let data6 = data0.allowedHosts;
if(Array.isArray(data6)){
if(data6.length > 100){
const err14 = {instancePath:instancePath+"/server/allowedHosts",schemaPath:"#/properties/server/properties/allowedHosts/maxItems",keyword:"maxItems",params:{limit: 100},message:"must NOT have more than 100 items",schema:100,parentSchema:schema31.properties.server.properties.allowedHosts,data:data6};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
const len1 = data6.length;
for(let i1=0; i1<len1; i1++){
let data7 = data6[i1];
if(typeof data7 === "string"){
if(func63(data7) < 1){
const err15 = {instancePath:instancePath+"/server/allowedHosts/" + i1,schemaPath:"#/properties/server/properties/allowedHosts/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.server.properties.allowedHosts.items,data:data7};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
else {
const err16 = {instancePath:instancePath+"/server/allowedHosts/" + i1,schemaPath:"#/properties/server/properties/allowedHosts/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.server.properties.allowedHosts.items.type,parentSchema:schema31.properties.server.properties.allowedHosts.items,data:data7};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
}
else {
const err17 = {instancePath:instancePath+"/server/allowedHosts",schemaPath:"#/properties/server/properties/allowedHosts/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.server.properties.allowedHosts.type,parentSchema:schema31.properties.server.properties.allowedHosts,data:data6};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data0.trustedProxies !== undefined && func0.call(data0, "trustedProxies")){
let data8 = data0.trustedProxies;
if(Array.isArray(data8)){
if(data8.length > 100){
const err18 = {instancePath:instancePath+"/server/trustedProxies",schemaPath:"#/properties/server/properties/trustedProxies/maxItems",keyword:"maxItems",params:{limit: 100},message:"must NOT have more than 100 items",schema:100,parentSchema:schema31.properties.server.properties.trustedProxies,data:data8};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
const len2 = data8.length;
for(let i2=0; i2<len2; i2++){
let data9 = data8[i2];
if(typeof data9 === "string"){
if(!(formats0(data9))){
const err19 = {instancePath:instancePath+"/server/trustedProxies/" + i2,schemaPath:"#/properties/server/properties/trustedProxies/items/format",keyword:"format",params:{format: "network"},message:"must match format \""+"network"+"\"",schema:"network",parentSchema:schema31.properties.server.properties.trustedProxies.items,data:data9};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/server/trustedProxies/" + i2,schemaPath:"#/properties/server/properties/trustedProxies/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.server.properties.trustedProxies.items.type,parentSchema:schema31.properties.server.properties.trustedProxies.items,data:data9};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
}
else {
const err21 = {instancePath:instancePath+"/server/trustedProxies",schemaPath:"#/properties/server/properties/trustedProxies/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.server.properties.trustedProxies.type,parentSchema:schema31.properties.server.properties.trustedProxies,data:data8};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data0.tls !== undefined && func0.call(data0, "tls")){
let data10 = data0.tls;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if((data10.keyFile === undefined) || (!(func0.call(data10, "keyFile")))){
const err22 = {instancePath:instancePath+"/server/tls",schemaPath:"#/properties/server/properties/tls/required",keyword:"required",params:{missingProperty: "keyFile"},message:"must have required property '"+"keyFile"+"'",schema:schema31.properties.server.properties.tls.required,parentSchema:schema31.properties.server.properties.tls,data:data10};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
if((data10.certFile === undefined) || (!(func0.call(data10, "certFile")))){
const err23 = {instancePath:instancePath+"/server/tls",schemaPath:"#/properties/server/properties/tls/required",keyword:"required",params:{missingProperty: "certFile"},message:"must have required property '"+"certFile"+"'",schema:schema31.properties.server.properties.tls.required,parentSchema:schema31.properties.server.properties.tls,data:data10};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
for(const key2 of Object.keys(data10)){
if(!((key2 === "keyFile") || (key2 === "certFile"))){
const err24 = {instancePath:instancePath+"/server/tls",schemaPath:"#/properties/server/properties/tls/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.server.properties.tls,data:data10};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data10.keyFile !== undefined && func0.call(data10, "keyFile")){
let data11 = data10.keyFile;
if(typeof data11 === "string"){
if(func63(data11) < 1){
const err25 = {instancePath:instancePath+"/server/tls/keyFile",schemaPath:"#/properties/server/properties/tls/properties/keyFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.server.properties.tls.properties.keyFile,data:data11};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
else {
const err26 = {instancePath:instancePath+"/server/tls/keyFile",schemaPath:"#/properties/server/properties/tls/properties/keyFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.server.properties.tls.properties.keyFile.type,parentSchema:schema31.properties.server.properties.tls.properties.keyFile,data:data11};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data10.certFile !== undefined && func0.call(data10, "certFile")){
let data12 = data10.certFile;
if(typeof data12 === "string"){
if(func63(data12) < 1){
const err27 = {instancePath:instancePath+"/server/tls/certFile",schemaPath:"#/properties/server/properties/tls/properties/certFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.server.properties.tls.properties.certFile,data:data12};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
else {
const err28 = {instancePath:instancePath+"/server/tls/certFile",schemaPath:"#/properties/server/properties/tls/properties/certFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.server.properties.tls.properties.certFile.type,parentSchema:schema31.properties.server.properties.tls.properties.certFile,data:data12};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/server/tls",schemaPath:"#/properties/server/properties/tls/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.server.properties.tls.type,parentSchema:schema31.properties.server.properties.tls,data:data10};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
}
else {
const err30 = {instancePath:instancePath+"/server",schemaPath:"#/properties/server/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.server.type,parentSchema:schema31.properties.server,data:data0};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.storage !== undefined && func0.call(data, "storage")){
let data13 = data.storage;
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
for(const key3 of Object.keys(data13)){
if(!(((((((key3 === "directory") || (key3 === "schemaDirectory")) || (key3 === "journalSync")) || (key3 === "journalSyncIntervalMs")) || (key3 === "journalKeepBytes")) || (key3 === "lagChangesMax")) || (key3 === "lagMs"))){
const err31 = {instancePath:instancePath+"/storage",schemaPath:"#/properties/storage/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.storage,data:data13};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data13.directory !== undefined && func0.call(data13, "directory")){
let data14 = data13.directory;
if(typeof data14 === "string"){
if(func63(data14) < 1){
const err32 = {instancePath:instancePath+"/storage/directory",schemaPath:"#/properties/storage/properties/directory/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.storage.properties.directory,data:data14};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/storage/directory",schemaPath:"#/properties/storage/properties/directory/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.storage.properties.directory.type,parentSchema:schema31.properties.storage.properties.directory,data:data14};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data13.schemaDirectory !== undefined && func0.call(data13, "schemaDirectory")){
let data15 = data13.schemaDirectory;
if(typeof data15 === "string"){
if(func63(data15) < 1){
const err34 = {instancePath:instancePath+"/storage/schemaDirectory",schemaPath:"#/properties/storage/properties/schemaDirectory/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.storage.properties.schemaDirectory,data:data15};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/storage/schemaDirectory",schemaPath:"#/properties/storage/properties/schemaDirectory/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.storage.properties.schemaDirectory.type,parentSchema:schema31.properties.storage.properties.schemaDirectory,data:data15};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data13.journalSync !== undefined && func0.call(data13, "journalSync")){
let data16 = data13.journalSync;
if(typeof data16 !== "string"){
const err36 = {instancePath:instancePath+"/storage/journalSync",schemaPath:"#/properties/storage/properties/journalSync/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.storage.properties.journalSync.type,parentSchema:schema31.properties.storage.properties.journalSync,data:data16};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
if(!((data16 === "always") || (data16 === "interval"))){
const err37 = {instancePath:instancePath+"/storage/journalSync",schemaPath:"#/properties/storage/properties/journalSync/enum",keyword:"enum",params:{allowedValues: schema31.properties.storage.properties.journalSync.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.storage.properties.journalSync.enum,parentSchema:schema31.properties.storage.properties.journalSync,data:data16};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data13.journalSyncIntervalMs !== undefined && func0.call(data13, "journalSyncIntervalMs")){
let data17 = data13.journalSyncIntervalMs;
if(!(((typeof data17 == "number") && (!(data17 % 1) && !isNaN(data17))) && (isFinite(data17)))){
const err38 = {instancePath:instancePath+"/storage/journalSyncIntervalMs",schemaPath:"#/properties/storage/properties/journalSyncIntervalMs/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.storage.properties.journalSyncIntervalMs.type,parentSchema:schema31.properties.storage.properties.journalSyncIntervalMs,data:data17};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
if((typeof data17 == "number") && (isFinite(data17))){
if(data17 > 3600000 || isNaN(data17)){
const err39 = {instancePath:instancePath+"/storage/journalSyncIntervalMs",schemaPath:"#/properties/storage/properties/journalSyncIntervalMs/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema31.properties.storage.properties.journalSyncIntervalMs,data:data17};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
if(data17 < 1 || isNaN(data17)){
const err40 = {instancePath:instancePath+"/storage/journalSyncIntervalMs",schemaPath:"#/properties/storage/properties/journalSyncIntervalMs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.storage.properties.journalSyncIntervalMs,data:data17};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
}
if(data13.journalKeepBytes !== undefined && func0.call(data13, "journalKeepBytes")){
let data18 = data13.journalKeepBytes;
if(!(((typeof data18 == "number") && (!(data18 % 1) && !isNaN(data18))) && (isFinite(data18)))){
const err41 = {instancePath:instancePath+"/storage/journalKeepBytes",schemaPath:"#/properties/storage/properties/journalKeepBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.storage.properties.journalKeepBytes.type,parentSchema:schema31.properties.storage.properties.journalKeepBytes,data:data18};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
if((typeof data18 == "number") && (isFinite(data18))){
if(data18 > 1099511627776 || isNaN(data18)){
const err42 = {instancePath:instancePath+"/storage/journalKeepBytes",schemaPath:"#/properties/storage/properties/journalKeepBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1099511627776},message:"must be <= 1099511627776",schema:1099511627776,parentSchema:schema31.properties.storage.properties.journalKeepBytes,data:data18};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
if(data18 < 0 || isNaN(data18)){
const err43 = {instancePath:instancePath+"/storage/journalKeepBytes",schemaPath:"#/properties/storage/properties/journalKeepBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.storage.properties.journalKeepBytes,data:data18};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
}
if(data13.lagChangesMax !== undefined && func0.call(data13, "lagChangesMax")){
let data19 = data13.lagChangesMax;
if(!(((typeof data19 == "number") && (!(data19 % 1) && !isNaN(data19))) && (isFinite(data19)))){
const err44 = {instancePath:instancePath+"/storage/lagChangesMax",schemaPath:"#/properties/storage/properties/lagChangesMax/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.storage.properties.lagChangesMax.type,parentSchema:schema31.properties.storage.properties.lagChangesMax,data:data19};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if((typeof data19 == "number") && (isFinite(data19))){
if(data19 > 10000000 || isNaN(data19)){
const err45 = {instancePath:instancePath+"/storage/lagChangesMax",schemaPath:"#/properties/storage/properties/lagChangesMax/maximum",keyword:"maximum",params:{comparison: "<=", limit: 10000000},message:"must be <= 10000000",schema:10000000,parentSchema:schema31.properties.storage.properties.lagChangesMax,data:data19};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
if(data19 < 1 || isNaN(data19)){
const err46 = {instancePath:instancePath+"/storage/lagChangesMax",schemaPath:"#/properties/storage/properties/lagChangesMax/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.storage.properties.lagChangesMax,data:data19};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
}
if(data13.lagMs !== undefined && func0.call(data13, "lagMs")){
let data20 = data13.lagMs;
if(!(((typeof data20 == "number") && (!(data20 % 1) && !isNaN(data20))) && (isFinite(data20)))){
const err47 = {instancePath:instancePath+"/storage/lagMs",schemaPath:"#/properties/storage/properties/lagMs/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.storage.properties.lagMs.type,parentSchema:schema31.properties.storage.properties.lagMs,data:data20};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
if((typeof data20 == "number") && (isFinite(data20))){
if(data20 > 3600000 || isNaN(data20)){
const err48 = {instancePath:instancePath+"/storage/lagMs",schemaPath:"#/properties/storage/properties/lagMs/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema31.properties.storage.properties.lagMs,data:data20};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
if(data20 < 1 || isNaN(data20)){
const err49 = {instancePath:instancePath+"/storage/lagMs",schemaPath:"#/properties/storage/properties/lagMs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.storage.properties.lagMs,data:data20};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
}
}
else {
const err50 = {instancePath:instancePath+"/storage",schemaPath:"#/properties/storage/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.storage.type,parentSchema:schema31.properties.storage,data:data13};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data.snapshots !== undefined && func0.call(data, "snapshots")){
let data21 = data.snapshots;
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
for(const key4 of Object.keys(data21)){
if(!(((((key4 === "every") || (key4 === "retain")) || (key4 === "onShutdown")) || (key4 === "journalBytesMax")) || (key4 === "restore"))){
const err51 = {instancePath:instancePath+"/snapshots",schemaPath:"#/properties/snapshots/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.snapshots,data:data21};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
if(data21.every !== undefined && func0.call(data21, "every")){
let data22 = data21.every;
if(typeof data22 === "string"){
if(!(formats2(data22))){
const err52 = {instancePath:instancePath+"/snapshots/every",schemaPath:"#/properties/snapshots/properties/every/format",keyword:"format",params:{format: "snapshot-schedule"},message:"must match format \""+"snapshot-schedule"+"\"",schema:"snapshot-schedule",parentSchema:schema31.properties.snapshots.properties.every,data:data22};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
else {
const err53 = {instancePath:instancePath+"/snapshots/every",schemaPath:"#/properties/snapshots/properties/every/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.snapshots.properties.every.type,parentSchema:schema31.properties.snapshots.properties.every,data:data22};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data21.retain !== undefined && func0.call(data21, "retain")){
let data23 = data21.retain;
if(data23 && typeof data23 == "object" && !Array.isArray(data23)){
for(const key5 of Object.keys(data23)){
if(!((((key5 === "newest") || (key5 === "hourly")) || (key5 === "daily")) || (key5 === "weekly"))){
const err54 = {instancePath:instancePath+"/snapshots/retain",schemaPath:"#/properties/snapshots/properties/retain/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.snapshots.properties.retain,data:data23};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
if(data23.newest !== undefined && func0.call(data23, "newest")){
let data24 = data23.newest;
if(!(((typeof data24 == "number") && (!(data24 % 1) && !isNaN(data24))) && (isFinite(data24)))){
const err55 = {instancePath:instancePath+"/snapshots/retain/newest",schemaPath:"#/properties/snapshots/properties/retain/properties/newest/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.snapshots.properties.retain.properties.newest.type,parentSchema:schema31.properties.snapshots.properties.retain.properties.newest,data:data24};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if((typeof data24 == "number") && (isFinite(data24))){
if(data24 > 100000 || isNaN(data24)){
const err56 = {instancePath:instancePath+"/snapshots/retain/newest",schemaPath:"#/properties/snapshots/properties/retain/properties/newest/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100000},message:"must be <= 100000",schema:100000,parentSchema:schema31.properties.snapshots.properties.retain.properties.newest,data:data24};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(data24 < 1 || isNaN(data24)){
const err57 = {instancePath:instancePath+"/snapshots/retain/newest",schemaPath:"#/properties/snapshots/properties/retain/properties/newest/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.snapshots.properties.retain.properties.newest,data:data24};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
}
if(data23.hourly !== undefined && func0.call(data23, "hourly")){
let data25 = data23.hourly;
if(!(((typeof data25 == "number") && (!(data25 % 1) && !isNaN(data25))) && (isFinite(data25)))){
const err58 = {instancePath:instancePath+"/snapshots/retain/hourly",schemaPath:"#/properties/snapshots/properties/retain/properties/hourly/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.snapshots.properties.retain.properties.hourly.type,parentSchema:schema31.properties.snapshots.properties.retain.properties.hourly,data:data25};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 > 100000 || isNaN(data25)){
const err59 = {instancePath:instancePath+"/snapshots/retain/hourly",schemaPath:"#/properties/snapshots/properties/retain/properties/hourly/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100000},message:"must be <= 100000",schema:100000,parentSchema:schema31.properties.snapshots.properties.retain.properties.hourly,data:data25};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
if(data25 < 0 || isNaN(data25)){
const err60 = {instancePath:instancePath+"/snapshots/retain/hourly",schemaPath:"#/properties/snapshots/properties/retain/properties/hourly/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.snapshots.properties.retain.properties.hourly,data:data25};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
}
if(data23.daily !== undefined && func0.call(data23, "daily")){
let data26 = data23.daily;
if(!(((typeof data26 == "number") && (!(data26 % 1) && !isNaN(data26))) && (isFinite(data26)))){
const err61 = {instancePath:instancePath+"/snapshots/retain/daily",schemaPath:"#/properties/snapshots/properties/retain/properties/daily/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.snapshots.properties.retain.properties.daily.type,parentSchema:schema31.properties.snapshots.properties.retain.properties.daily,data:data26};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
if((typeof data26 == "number") && (isFinite(data26))){
if(data26 > 100000 || isNaN(data26)){
const err62 = {instancePath:instancePath+"/snapshots/retain/daily",schemaPath:"#/properties/snapshots/properties/retain/properties/daily/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100000},message:"must be <= 100000",schema:100000,parentSchema:schema31.properties.snapshots.properties.retain.properties.daily,data:data26};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
if(data26 < 0 || isNaN(data26)){
const err63 = {instancePath:instancePath+"/snapshots/retain/daily",schemaPath:"#/properties/snapshots/properties/retain/properties/daily/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.snapshots.properties.retain.properties.daily,data:data26};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
}
if(data23.weekly !== undefined && func0.call(data23, "weekly")){
let data27 = data23.weekly;
if(!(((typeof data27 == "number") && (!(data27 % 1) && !isNaN(data27))) && (isFinite(data27)))){
const err64 = {instancePath:instancePath+"/snapshots/retain/weekly",schemaPath:"#/properties/snapshots/properties/retain/properties/weekly/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.snapshots.properties.retain.properties.weekly.type,parentSchema:schema31.properties.snapshots.properties.retain.properties.weekly,data:data27};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
if((typeof data27 == "number") && (isFinite(data27))){
if(data27 > 100000 || isNaN(data27)){
const err65 = {instancePath:instancePath+"/snapshots/retain/weekly",schemaPath:"#/properties/snapshots/properties/retain/properties/weekly/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100000},message:"must be <= 100000",schema:100000,parentSchema:schema31.properties.snapshots.properties.retain.properties.weekly,data:data27};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
if(data27 < 0 || isNaN(data27)){
const err66 = {instancePath:instancePath+"/snapshots/retain/weekly",schemaPath:"#/properties/snapshots/properties/retain/properties/weekly/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.snapshots.properties.retain.properties.weekly,data:data27};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
}
}
else {
const err67 = {instancePath:instancePath+"/snapshots/retain",schemaPath:"#/properties/snapshots/properties/retain/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.snapshots.properties.retain.type,parentSchema:schema31.properties.snapshots.properties.retain,data:data23};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
if(data21.onShutdown !== undefined && func0.call(data21, "onShutdown")){
let data28 = data21.onShutdown;
if(typeof data28 !== "boolean"){
const err68 = {instancePath:instancePath+"/snapshots/onShutdown",schemaPath:"#/properties/snapshots/properties/onShutdown/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.snapshots.properties.onShutdown.type,parentSchema:schema31.properties.snapshots.properties.onShutdown,data:data28};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data21.journalBytesMax !== undefined && func0.call(data21, "journalBytesMax")){
let data29 = data21.journalBytesMax;
if(!(((typeof data29 == "number") && (!(data29 % 1) && !isNaN(data29))) && (isFinite(data29)))){
const err69 = {instancePath:instancePath+"/snapshots/journalBytesMax",schemaPath:"#/properties/snapshots/properties/journalBytesMax/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.snapshots.properties.journalBytesMax.type,parentSchema:schema31.properties.snapshots.properties.journalBytesMax,data:data29};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
if((typeof data29 == "number") && (isFinite(data29))){
if(data29 > 1099511627776 || isNaN(data29)){
const err70 = {instancePath:instancePath+"/snapshots/journalBytesMax",schemaPath:"#/properties/snapshots/properties/journalBytesMax/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1099511627776},message:"must be <= 1099511627776",schema:1099511627776,parentSchema:schema31.properties.snapshots.properties.journalBytesMax,data:data29};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
if(data29 < 1048576 || isNaN(data29)){
const err71 = {instancePath:instancePath+"/snapshots/journalBytesMax",schemaPath:"#/properties/snapshots/properties/journalBytesMax/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1048576},message:"must be >= 1048576",schema:1048576,parentSchema:schema31.properties.snapshots.properties.journalBytesMax,data:data29};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
}
if(data21.restore !== undefined && func0.call(data21, "restore")){
let data30 = data21.restore;
if(typeof data30 !== "boolean"){
const err72 = {instancePath:instancePath+"/snapshots/restore",schemaPath:"#/properties/snapshots/properties/restore/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.snapshots.properties.restore.type,parentSchema:schema31.properties.snapshots.properties.restore,data:data30};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
}
else {
const err73 = {instancePath:instancePath+"/snapshots",schemaPath:"#/properties/snapshots/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.snapshots.type,parentSchema:schema31.properties.snapshots,data:data21};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data.auth !== undefined && func0.call(data, "auth")){
let data31 = data.auth;
if(data31 && typeof data31 == "object" && !Array.isArray(data31)){
for(const key6 of Object.keys(data31)){
if(!(func0.call(schema31.properties.auth.properties, key6))){
const err74 = {instancePath:instancePath+"/auth",schemaPath:"#/properties/auth/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.auth,data:data31};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data31.reads !== undefined && func0.call(data31, "reads")){
let data32 = data31.reads;
if(typeof data32 !== "string"){
const err75 = {instancePath:instancePath+"/auth/reads",schemaPath:"#/properties/auth/properties/reads/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.reads.type,parentSchema:schema31.properties.auth.properties.reads,data:data32};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
if(!((data32 === "public") || (data32 === "token"))){
const err76 = {instancePath:instancePath+"/auth/reads",schemaPath:"#/properties/auth/properties/reads/enum",keyword:"enum",params:{allowedValues: schema31.properties.auth.properties.reads.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.auth.properties.reads.enum,parentSchema:schema31.properties.auth.properties.reads,data:data32};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
if(data31.algorithm !== undefined && func0.call(data31, "algorithm")){
let data33 = data31.algorithm;
if(typeof data33 !== "string"){
const err77 = {instancePath:instancePath+"/auth/algorithm",schemaPath:"#/properties/auth/properties/algorithm/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.algorithm.type,parentSchema:schema31.properties.auth.properties.algorithm,data:data33};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
if(!((((data33 === "HS256") || (data33 === "RS256")) || (data33 === "ES256")) || (data33 === "EdDSA"))){
const err78 = {instancePath:instancePath+"/auth/algorithm",schemaPath:"#/properties/auth/properties/algorithm/enum",keyword:"enum",params:{allowedValues: schema31.properties.auth.properties.algorithm.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.auth.properties.algorithm.enum,parentSchema:schema31.properties.auth.properties.algorithm,data:data33};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
if(data31.secretFile !== undefined && func0.call(data31, "secretFile")){
let data34 = data31.secretFile;
if(typeof data34 === "string"){
if(func63(data34) < 1){
const err79 = {instancePath:instancePath+"/auth/secretFile",schemaPath:"#/properties/auth/properties/secretFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.auth.properties.secretFile,data:data34};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
else {
const err80 = {instancePath:instancePath+"/auth/secretFile",schemaPath:"#/properties/auth/properties/secretFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.secretFile.type,parentSchema:schema31.properties.auth.properties.secretFile,data:data34};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data31.previousSecretFile !== undefined && func0.call(data31, "previousSecretFile")){
let data35 = data31.previousSecretFile;
if(typeof data35 === "string"){
if(func63(data35) < 1){
const err81 = {instancePath:instancePath+"/auth/previousSecretFile",schemaPath:"#/properties/auth/properties/previousSecretFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.auth.properties.previousSecretFile,data:data35};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
else {
const err82 = {instancePath:instancePath+"/auth/previousSecretFile",schemaPath:"#/properties/auth/properties/previousSecretFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.previousSecretFile.type,parentSchema:schema31.properties.auth.properties.previousSecretFile,data:data35};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data31.jwksFile !== undefined && func0.call(data31, "jwksFile")){
let data36 = data31.jwksFile;
if(typeof data36 === "string"){
if(func63(data36) < 1){
const err83 = {instancePath:instancePath+"/auth/jwksFile",schemaPath:"#/properties/auth/properties/jwksFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.auth.properties.jwksFile,data:data36};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
else {
const err84 = {instancePath:instancePath+"/auth/jwksFile",schemaPath:"#/properties/auth/properties/jwksFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.jwksFile.type,parentSchema:schema31.properties.auth.properties.jwksFile,data:data36};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
if(data31.jwksUrl !== undefined && func0.call(data31, "jwksUrl")){
let data37 = data31.jwksUrl;
if(typeof data37 === "string"){
if(!(formats4(data37))){
const err85 = {instancePath:instancePath+"/auth/jwksUrl",schemaPath:"#/properties/auth/properties/jwksUrl/format",keyword:"format",params:{format: "http-url"},message:"must match format \""+"http-url"+"\"",schema:"http-url",parentSchema:schema31.properties.auth.properties.jwksUrl,data:data37};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
else {
const err86 = {instancePath:instancePath+"/auth/jwksUrl",schemaPath:"#/properties/auth/properties/jwksUrl/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.jwksUrl.type,parentSchema:schema31.properties.auth.properties.jwksUrl,data:data37};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
if(data31.issuer !== undefined && func0.call(data31, "issuer")){
let data38 = data31.issuer;
if(typeof data38 === "string"){
if(func63(data38) < 1){
const err87 = {instancePath:instancePath+"/auth/issuer",schemaPath:"#/properties/auth/properties/issuer/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.auth.properties.issuer,data:data38};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
else {
const err88 = {instancePath:instancePath+"/auth/issuer",schemaPath:"#/properties/auth/properties/issuer/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.issuer.type,parentSchema:schema31.properties.auth.properties.issuer,data:data38};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
if(data31.audience !== undefined && func0.call(data31, "audience")){
let data39 = data31.audience;
if(typeof data39 === "string"){
if(func63(data39) < 1){
const err89 = {instancePath:instancePath+"/auth/audience",schemaPath:"#/properties/auth/properties/audience/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.auth.properties.audience,data:data39};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
else {
const err90 = {instancePath:instancePath+"/auth/audience",schemaPath:"#/properties/auth/properties/audience/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.auth.properties.audience.type,parentSchema:schema31.properties.auth.properties.audience,data:data39};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data31.leewaySeconds !== undefined && func0.call(data31, "leewaySeconds")){
let data40 = data31.leewaySeconds;
if(!(((typeof data40 == "number") && (!(data40 % 1) && !isNaN(data40))) && (isFinite(data40)))){
const err91 = {instancePath:instancePath+"/auth/leewaySeconds",schemaPath:"#/properties/auth/properties/leewaySeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.auth.properties.leewaySeconds.type,parentSchema:schema31.properties.auth.properties.leewaySeconds,data:data40};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
if((typeof data40 == "number") && (isFinite(data40))){
if(data40 > 120 || isNaN(data40)){
const err92 = {instancePath:instancePath+"/auth/leewaySeconds",schemaPath:"#/properties/auth/properties/leewaySeconds/maximum",keyword:"maximum",params:{comparison: "<=", limit: 120},message:"must be <= 120",schema:120,parentSchema:schema31.properties.auth.properties.leewaySeconds,data:data40};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
if(data40 < 0 || isNaN(data40)){
const err93 = {instancePath:instancePath+"/auth/leewaySeconds",schemaPath:"#/properties/auth/properties/leewaySeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.auth.properties.leewaySeconds,data:data40};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
}
}
else {
const err94 = {instancePath:instancePath+"/auth",schemaPath:"#/properties/auth/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.auth.type,parentSchema:schema31.properties.auth,data:data31};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data.agent !== undefined && func0.call(data, "agent")){
let data41 = data.agent;
if(data41 && typeof data41 == "object" && !Array.isArray(data41)){
for(const key7 of Object.keys(data41)){
if(!(((((((key7 === "config") || (key7 === "passwordFile")) || (key7 === "digestMd5")) || (key7 === "nonceLifetime")) || (key7 === "tick")) || (key7 === "closedRetention")) || (key7 === "endpoints"))){
const err95 = {instancePath:instancePath+"/agent",schemaPath:"#/properties/agent/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.agent,data:data41};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data41.config !== undefined && func0.call(data41, "config")){
let data42 = data41.config;
if(typeof data42 === "string"){
if(func63(data42) < 1){
const err96 = {instancePath:instancePath+"/agent/config",schemaPath:"#/properties/agent/properties/config/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.agent.properties.config,data:data42};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
else {
const err97 = {instancePath:instancePath+"/agent/config",schemaPath:"#/properties/agent/properties/config/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.config.type,parentSchema:schema31.properties.agent.properties.config,data:data42};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
if(data41.passwordFile !== undefined && func0.call(data41, "passwordFile")){
let data43 = data41.passwordFile;
if(typeof data43 === "string"){
if(func63(data43) < 1){
const err98 = {instancePath:instancePath+"/agent/passwordFile",schemaPath:"#/properties/agent/properties/passwordFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.agent.properties.passwordFile,data:data43};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
else {
const err99 = {instancePath:instancePath+"/agent/passwordFile",schemaPath:"#/properties/agent/properties/passwordFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.passwordFile.type,parentSchema:schema31.properties.agent.properties.passwordFile,data:data43};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
if(data41.digestMd5 !== undefined && func0.call(data41, "digestMd5")){
let data44 = data41.digestMd5;
if(typeof data44 !== "boolean"){
const err100 = {instancePath:instancePath+"/agent/digestMd5",schemaPath:"#/properties/agent/properties/digestMd5/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.agent.properties.digestMd5.type,parentSchema:schema31.properties.agent.properties.digestMd5,data:data44};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data41.nonceLifetime !== undefined && func0.call(data41, "nonceLifetime")){
let data45 = data41.nonceLifetime;
if(!(((typeof data45 == "number") && (!(data45 % 1) && !isNaN(data45))) && (isFinite(data45)))){
const err101 = {instancePath:instancePath+"/agent/nonceLifetime",schemaPath:"#/properties/agent/properties/nonceLifetime/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.nonceLifetime.type,parentSchema:schema31.properties.agent.properties.nonceLifetime,data:data45};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
if((typeof data45 == "number") && (isFinite(data45))){
if(data45 > 86400000 || isNaN(data45)){
const err102 = {instancePath:instancePath+"/agent/nonceLifetime",schemaPath:"#/properties/agent/properties/nonceLifetime/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.nonceLifetime,data:data45};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
if(data45 < 1000 || isNaN(data45)){
const err103 = {instancePath:instancePath+"/agent/nonceLifetime",schemaPath:"#/properties/agent/properties/nonceLifetime/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.nonceLifetime,data:data45};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
}
if(data41.tick !== undefined && func0.call(data41, "tick")){
let data46 = data41.tick;
if(typeof data46 === "string"){
if(!(formats6(data46))){
const err104 = {instancePath:instancePath+"/agent/tick",schemaPath:"#/properties/agent/properties/tick/format",keyword:"format",params:{format: "period"},message:"must match format \""+"period"+"\"",schema:"period",parentSchema:schema31.properties.agent.properties.tick,data:data46};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
else {
const err105 = {instancePath:instancePath+"/agent/tick",schemaPath:"#/properties/agent/properties/tick/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.tick.type,parentSchema:schema31.properties.agent.properties.tick,data:data46};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
if(data41.closedRetention !== undefined && func0.call(data41, "closedRetention")){
let data47 = data41.closedRetention;
if(!(((typeof data47 == "number") && (!(data47 % 1) && !isNaN(data47))) && (isFinite(data47)))){
const err106 = {instancePath:instancePath+"/agent/closedRetention",schemaPath:"#/properties/agent/properties/closedRetention/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.closedRetention.type,parentSchema:schema31.properties.agent.properties.closedRetention,data:data47};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
if((typeof data47 == "number") && (isFinite(data47))){
if(data47 > 315360000000 || isNaN(data47)){
const err107 = {instancePath:instancePath+"/agent/closedRetention",schemaPath:"#/properties/agent/properties/closedRetention/maximum",keyword:"maximum",params:{comparison: "<=", limit: 315360000000},message:"must be <= 315360000000",schema:315360000000,parentSchema:schema31.properties.agent.properties.closedRetention,data:data47};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
if(data47 < 0 || isNaN(data47)){
const err108 = {instancePath:instancePath+"/agent/closedRetention",schemaPath:"#/properties/agent/properties/closedRetention/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.agent.properties.closedRetention,data:data47};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
}
if(data41.endpoints !== undefined && func0.call(data41, "endpoints")){
let data48 = data41.endpoints;
if(Array.isArray(data48)){
if(data48.length > 256){
const err109 = {instancePath:instancePath+"/agent/endpoints",schemaPath:"#/properties/agent/properties/endpoints/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema31.properties.agent.properties.endpoints,data:data48};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
const len3 = data48.length;
for(let i3=0; i3<len3; i3++){
let data49 = data48[i3];
if(data49 && typeof data49 == "object" && !Array.isArray(data49)){
if((data49.name === undefined) || (!(func0.call(data49, "name")))){
const err110 = {instancePath:instancePath+"/agent/endpoints/" + i3,schemaPath:"#/properties/agent/properties/endpoints/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema31.properties.agent.properties.endpoints.items.required,parentSchema:schema31.properties.agent.properties.endpoints.items,data:data49};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
if((data49.plugin === undefined) || (!(func0.call(data49, "plugin")))){
const err111 = {instancePath:instancePath+"/agent/endpoints/" + i3,schemaPath:"#/properties/agent/properties/endpoints/items/required",keyword:"required",params:{missingProperty: "plugin"},message:"must have required property '"+"plugin"+"'",schema:schema31.properties.agent.properties.endpoints.items.required,parentSchema:schema31.properties.agent.properties.endpoints.items,data:data49};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
if((data49.schedulePeriod === undefined) || (!(func0.call(data49, "schedulePeriod")))){
const err112 = {instancePath:instancePath+"/agent/endpoints/" + i3,schemaPath:"#/properties/agent/properties/endpoints/items/required",keyword:"required",params:{missingProperty: "schedulePeriod"},message:"must have required property '"+"schedulePeriod"+"'",schema:schema31.properties.agent.properties.endpoints.items.required,parentSchema:schema31.properties.agent.properties.endpoints.items,data:data49};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
for(const key8 of Object.keys(data49)){
if(!(func0.call(schema31.properties.agent.properties.endpoints.items.properties, key8))){
const err113 = {instancePath:instancePath+"/agent/endpoints/" + i3,schemaPath:"#/properties/agent/properties/endpoints/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.agent.properties.endpoints.items,data:data49};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
if(data49.name !== undefined && func0.call(data49, "name")){
let data50 = data49.name;
if(typeof data50 !== "string"){
const err114 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/name",schemaPath:"#/properties/agent/properties/endpoints/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.name.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.name,data:data50};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
if(data49.plugin !== undefined && func0.call(data49, "plugin")){
let data51 = data49.plugin;
if(typeof data51 === "string"){
if(func63(data51) < 1){
const err115 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/plugin",schemaPath:"#/properties/agent/properties/endpoints/items/properties/plugin/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.plugin,data:data51};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
else {
const err116 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/plugin",schemaPath:"#/properties/agent/properties/endpoints/items/properties/plugin/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.plugin.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.plugin,data:data51};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
if(data49.export !== undefined && func0.call(data49, "export")){
let data52 = data49.export;
if(typeof data52 === "string"){
if(func63(data52) < 1){
const err117 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/export",schemaPath:"#/properties/agent/properties/endpoints/items/properties/export/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.export,data:data52};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
else {
const err118 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/export",schemaPath:"#/properties/agent/properties/endpoints/items/properties/export/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.export.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.export,data:data52};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data49.schedulePeriod !== undefined && func0.call(data49, "schedulePeriod")){
let data53 = data49.schedulePeriod;
if(typeof data53 === "string"){
if(!(formats6(data53))){
const err119 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/schedulePeriod",schemaPath:"#/properties/agent/properties/endpoints/items/properties/schedulePeriod/format",keyword:"format",params:{format: "period"},message:"must match format \""+"period"+"\"",schema:"period",parentSchema:schema31.properties.agent.properties.endpoints.items.properties.schedulePeriod,data:data53};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
else {
const err120 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/schedulePeriod",schemaPath:"#/properties/agent/properties/endpoints/items/properties/schedulePeriod/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.schedulePeriod.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.schedulePeriod,data:data53};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
if(data49.renewAdvanceTicks !== undefined && func0.call(data49, "renewAdvanceTicks")){
let data54 = data49.renewAdvanceTicks;
if(!(((typeof data54 == "number") && (!(data54 % 1) && !isNaN(data54))) && (isFinite(data54)))){
const err121 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/renewAdvanceTicks",schemaPath:"#/properties/agent/properties/endpoints/items/properties/renewAdvanceTicks/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.renewAdvanceTicks.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.renewAdvanceTicks,data:data54};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
if((typeof data54 == "number") && (isFinite(data54))){
if(data54 > 100000 || isNaN(data54)){
const err122 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/renewAdvanceTicks",schemaPath:"#/properties/agent/properties/endpoints/items/properties/renewAdvanceTicks/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100000},message:"must be <= 100000",schema:100000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.renewAdvanceTicks,data:data54};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
if(data54 < 0 || isNaN(data54)){
const err123 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/renewAdvanceTicks",schemaPath:"#/properties/agent/properties/endpoints/items/properties/renewAdvanceTicks/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.renewAdvanceTicks,data:data54};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
}
if(data49.config !== undefined && func0.call(data49, "config")){
let data55 = data49.config;
if(typeof data55 === "string"){
if(func63(data55) < 1){
const err124 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/config",schemaPath:"#/properties/agent/properties/endpoints/items/properties/config/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.config,data:data55};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
else {
const err125 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/config",schemaPath:"#/properties/agent/properties/endpoints/items/properties/config/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.config.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.config,data:data55};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
}
if(data49.properties !== undefined && func0.call(data49, "properties")){
let data56 = data49.properties;
if(data56 && typeof data56 == "object" && !Array.isArray(data56)){
for(const key9 of Object.keys(data56)){
let data57 = data56[key9];
if(typeof data57 !== "string"){
const err126 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/properties/" + key9.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/agent/properties/endpoints/items/properties/properties/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.properties.additionalProperties.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.properties.additionalProperties,data:data57};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
}
else {
const err127 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/properties",schemaPath:"#/properties/agent/properties/endpoints/items/properties/properties/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.agent.properties.endpoints.items.properties.properties.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.properties,data:data56};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
}
if(data49.description !== undefined && func0.call(data49, "description")){
let data58 = data49.description;
if(typeof data58 !== "string"){
const err128 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/description",schemaPath:"#/properties/agent/properties/endpoints/items/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.description.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.description,data:data58};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
if(data49.isolation !== undefined && func0.call(data49, "isolation")){
let data59 = data49.isolation;
if(typeof data59 !== "string"){
const err129 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/isolation",schemaPath:"#/properties/agent/properties/endpoints/items/properties/isolation/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.isolation.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.isolation,data:data59};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
if(!((data59 === "thread") || (data59 === "process"))){
const err130 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/isolation",schemaPath:"#/properties/agent/properties/endpoints/items/properties/isolation/enum",keyword:"enum",params:{allowedValues: schema31.properties.agent.properties.endpoints.items.properties.isolation.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.agent.properties.endpoints.items.properties.isolation.enum,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.isolation,data:data59};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
}
if(data49.threads !== undefined && func0.call(data49, "threads")){
let data60 = data49.threads;
if(!(((typeof data60 == "number") && (!(data60 % 1) && !isNaN(data60))) && (isFinite(data60)))){
const err131 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/threads",schemaPath:"#/properties/agent/properties/endpoints/items/properties/threads/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.threads.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.threads,data:data60};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
if((typeof data60 == "number") && (isFinite(data60))){
if(data60 > 64 || isNaN(data60)){
const err132 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/threads",schemaPath:"#/properties/agent/properties/endpoints/items/properties/threads/maximum",keyword:"maximum",params:{comparison: "<=", limit: 64},message:"must be <= 64",schema:64,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.threads,data:data60};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
if(data60 < 1 || isNaN(data60)){
const err133 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/threads",schemaPath:"#/properties/agent/properties/endpoints/items/properties/threads/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.threads,data:data60};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
}
}
if(data49.concurrentCalls !== undefined && func0.call(data49, "concurrentCalls")){
let data61 = data49.concurrentCalls;
if(!(((typeof data61 == "number") && (!(data61 % 1) && !isNaN(data61))) && (isFinite(data61)))){
const err134 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/concurrentCalls",schemaPath:"#/properties/agent/properties/endpoints/items/properties/concurrentCalls/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.concurrentCalls.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.concurrentCalls,data:data61};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
if((typeof data61 == "number") && (isFinite(data61))){
if(data61 > 1000 || isNaN(data61)){
const err135 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/concurrentCalls",schemaPath:"#/properties/agent/properties/endpoints/items/properties/concurrentCalls/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.concurrentCalls,data:data61};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
if(data61 < 1 || isNaN(data61)){
const err136 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/concurrentCalls",schemaPath:"#/properties/agent/properties/endpoints/items/properties/concurrentCalls/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.concurrentCalls,data:data61};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
}
}
if(data49.concurrentRenewals !== undefined && func0.call(data49, "concurrentRenewals")){
let data62 = data49.concurrentRenewals;
if(!(((typeof data62 == "number") && (!(data62 % 1) && !isNaN(data62))) && (isFinite(data62)))){
const err137 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/concurrentRenewals",schemaPath:"#/properties/agent/properties/endpoints/items/properties/concurrentRenewals/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.concurrentRenewals.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.concurrentRenewals,data:data62};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
if((typeof data62 == "number") && (isFinite(data62))){
if(data62 > 64000 || isNaN(data62)){
const err138 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/concurrentRenewals",schemaPath:"#/properties/agent/properties/endpoints/items/properties/concurrentRenewals/maximum",keyword:"maximum",params:{comparison: "<=", limit: 64000},message:"must be <= 64000",schema:64000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.concurrentRenewals,data:data62};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
if(data62 < 1 || isNaN(data62)){
const err139 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/concurrentRenewals",schemaPath:"#/properties/agent/properties/endpoints/items/properties/concurrentRenewals/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.concurrentRenewals,data:data62};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
}
}
if(data49.queueLength !== undefined && func0.call(data49, "queueLength")){
let data63 = data49.queueLength;
if(!(((typeof data63 == "number") && (!(data63 % 1) && !isNaN(data63))) && (isFinite(data63)))){
const err140 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/queueLength",schemaPath:"#/properties/agent/properties/endpoints/items/properties/queueLength/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.queueLength.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.queueLength,data:data63};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
if((typeof data63 == "number") && (isFinite(data63))){
if(data63 > 1000000 || isNaN(data63)){
const err141 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/queueLength",schemaPath:"#/properties/agent/properties/endpoints/items/properties/queueLength/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000},message:"must be <= 1000000",schema:1000000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.queueLength,data:data63};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
if(data63 < 1 || isNaN(data63)){
const err142 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/queueLength",schemaPath:"#/properties/agent/properties/endpoints/items/properties/queueLength/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.queueLength,data:data63};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
}
}
if(data49.memory !== undefined && func0.call(data49, "memory")){
let data64 = data49.memory;
if(!(((typeof data64 == "number") && (!(data64 % 1) && !isNaN(data64))) && (isFinite(data64)))){
const err143 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/memory",schemaPath:"#/properties/agent/properties/endpoints/items/properties/memory/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.memory.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.memory,data:data64};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
if((typeof data64 == "number") && (isFinite(data64))){
if(data64 > 68719476736 || isNaN(data64)){
const err144 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/memory",schemaPath:"#/properties/agent/properties/endpoints/items/properties/memory/maximum",keyword:"maximum",params:{comparison: "<=", limit: 68719476736},message:"must be <= 68719476736",schema:68719476736,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.memory,data:data64};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
if(data64 < 33554432 || isNaN(data64)){
const err145 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/memory",schemaPath:"#/properties/agent/properties/endpoints/items/properties/memory/minimum",keyword:"minimum",params:{comparison: ">=", limit: 33554432},message:"must be >= 33554432",schema:33554432,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.memory,data:data64};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
}
}
if(data49.env !== undefined && func0.call(data49, "env")){
let data65 = data49.env;
if(Array.isArray(data65)){
if(data65.length > 1000){
const err146 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/env",schemaPath:"#/properties/agent/properties/endpoints/items/properties/env/maxItems",keyword:"maxItems",params:{limit: 1000},message:"must NOT have more than 1000 items",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.env,data:data65};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
const len4 = data65.length;
for(let i4=0; i4<len4; i4++){
let data66 = data65[i4];
if(typeof data66 === "string"){
if(!(formats10(data66))){
const err147 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/env/" + i4,schemaPath:"#/properties/agent/properties/endpoints/items/properties/env/items/format",keyword:"format",params:{format: "variable-name"},message:"must match format \""+"variable-name"+"\"",schema:"variable-name",parentSchema:schema31.properties.agent.properties.endpoints.items.properties.env.items,data:data66};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
}
}
else {
const err148 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/env/" + i4,schemaPath:"#/properties/agent/properties/endpoints/items/properties/env/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.env.items.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.env.items,data:data66};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
}
}
else {
const err149 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/env",schemaPath:"#/properties/agent/properties/endpoints/items/properties/env/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.agent.properties.endpoints.items.properties.env.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.env,data:data65};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
if(data49.user !== undefined && func0.call(data49, "user")){
let data67 = data49.user;
if(typeof data67 === "string"){
if(func63(data67) < 1){
const err150 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/user",schemaPath:"#/properties/agent/properties/endpoints/items/properties/user/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.user,data:data67};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
}
else {
const err151 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/user",schemaPath:"#/properties/agent/properties/endpoints/items/properties/user/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.agent.properties.endpoints.items.properties.user.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.user,data:data67};
if(vErrors === null){
vErrors = [err151];
}
else {
vErrors.push(err151);
}
errors++;
}
}
if(data49.timeLimits !== undefined && func0.call(data49, "timeLimits")){
let data68 = data49.timeLimits;
if(data68 && typeof data68 == "object" && !Array.isArray(data68)){
for(const key10 of Object.keys(data68)){
if(!(((((((key10 === "join") || (key10 === "leave")) || (key10 === "modify")) || (key10 === "renew")) || (key10 === "status")) || (key10 === "find")) || (key10 === "list"))){
const err152 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits,data:data68};
if(vErrors === null){
vErrors = [err152];
}
else {
vErrors.push(err152);
}
errors++;
}
}
if(data68.join !== undefined && func0.call(data68, "join")){
let data69 = data68.join;
if(!(((typeof data69 == "number") && (!(data69 % 1) && !isNaN(data69))) && (isFinite(data69)))){
const err153 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/join",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/join/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.join.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.join,data:data69};
if(vErrors === null){
vErrors = [err153];
}
else {
vErrors.push(err153);
}
errors++;
}
if((typeof data69 == "number") && (isFinite(data69))){
if(data69 > 86400000 || isNaN(data69)){
const err154 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/join",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/join/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.join,data:data69};
if(vErrors === null){
vErrors = [err154];
}
else {
vErrors.push(err154);
}
errors++;
}
if(data69 < 1000 || isNaN(data69)){
const err155 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/join",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/join/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.join,data:data69};
if(vErrors === null){
vErrors = [err155];
}
else {
vErrors.push(err155);
}
errors++;
}
}
}
if(data68.leave !== undefined && func0.call(data68, "leave")){
let data70 = data68.leave;
if(!(((typeof data70 == "number") && (!(data70 % 1) && !isNaN(data70))) && (isFinite(data70)))){
const err156 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/leave",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/leave/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.leave.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.leave,data:data70};
if(vErrors === null){
vErrors = [err156];
}
else {
vErrors.push(err156);
}
errors++;
}
if((typeof data70 == "number") && (isFinite(data70))){
if(data70 > 86400000 || isNaN(data70)){
const err157 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/leave",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/leave/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.leave,data:data70};
if(vErrors === null){
vErrors = [err157];
}
else {
vErrors.push(err157);
}
errors++;
}
if(data70 < 1000 || isNaN(data70)){
const err158 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/leave",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/leave/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.leave,data:data70};
if(vErrors === null){
vErrors = [err158];
}
else {
vErrors.push(err158);
}
errors++;
}
}
}
if(data68.modify !== undefined && func0.call(data68, "modify")){
let data71 = data68.modify;
if(!(((typeof data71 == "number") && (!(data71 % 1) && !isNaN(data71))) && (isFinite(data71)))){
const err159 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/modify",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/modify/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.modify.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.modify,data:data71};
if(vErrors === null){
vErrors = [err159];
}
else {
vErrors.push(err159);
}
errors++;
}
if((typeof data71 == "number") && (isFinite(data71))){
if(data71 > 86400000 || isNaN(data71)){
const err160 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/modify",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/modify/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.modify,data:data71};
if(vErrors === null){
vErrors = [err160];
}
else {
vErrors.push(err160);
}
errors++;
}
if(data71 < 1000 || isNaN(data71)){
const err161 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/modify",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/modify/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.modify,data:data71};
if(vErrors === null){
vErrors = [err161];
}
else {
vErrors.push(err161);
}
errors++;
}
}
}
if(data68.renew !== undefined && func0.call(data68, "renew")){
let data72 = data68.renew;
if(!(((typeof data72 == "number") && (!(data72 % 1) && !isNaN(data72))) && (isFinite(data72)))){
const err162 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/renew",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/renew/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.renew.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.renew,data:data72};
if(vErrors === null){
vErrors = [err162];
}
else {
vErrors.push(err162);
}
errors++;
}
if((typeof data72 == "number") && (isFinite(data72))){
if(data72 > 86400000 || isNaN(data72)){
const err163 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/renew",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/renew/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.renew,data:data72};
if(vErrors === null){
vErrors = [err163];
}
else {
vErrors.push(err163);
}
errors++;
}
if(data72 < 1000 || isNaN(data72)){
const err164 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/renew",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/renew/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.renew,data:data72};
if(vErrors === null){
vErrors = [err164];
}
else {
vErrors.push(err164);
}
errors++;
}
}
}
if(data68.status !== undefined && func0.call(data68, "status")){
let data73 = data68.status;
if(!(((typeof data73 == "number") && (!(data73 % 1) && !isNaN(data73))) && (isFinite(data73)))){
const err165 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/status",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.status.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.status,data:data73};
if(vErrors === null){
vErrors = [err165];
}
else {
vErrors.push(err165);
}
errors++;
}
if((typeof data73 == "number") && (isFinite(data73))){
if(data73 > 86400000 || isNaN(data73)){
const err166 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/status",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/status/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.status,data:data73};
if(vErrors === null){
vErrors = [err166];
}
else {
vErrors.push(err166);
}
errors++;
}
if(data73 < 1000 || isNaN(data73)){
const err167 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/status",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/status/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.status,data:data73};
if(vErrors === null){
vErrors = [err167];
}
else {
vErrors.push(err167);
}
errors++;
}
}
}
if(data68.find !== undefined && func0.call(data68, "find")){
let data74 = data68.find;
if(!(((typeof data74 == "number") && (!(data74 % 1) && !isNaN(data74))) && (isFinite(data74)))){
const err168 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/find",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/find/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.find.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.find,data:data74};
if(vErrors === null){
vErrors = [err168];
}
else {
vErrors.push(err168);
}
errors++;
}
if((typeof data74 == "number") && (isFinite(data74))){
if(data74 > 86400000 || isNaN(data74)){
const err169 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/find",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/find/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.find,data:data74};
if(vErrors === null){
vErrors = [err169];
}
else {
vErrors.push(err169);
}
errors++;
}
if(data74 < 1000 || isNaN(data74)){
const err170 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/find",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/find/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.find,data:data74};
if(vErrors === null){
vErrors = [err170];
}
else {
vErrors.push(err170);
}
errors++;
}
}
}
if(data68.list !== undefined && func0.call(data68, "list")){
let data75 = data68.list;
if(!(((typeof data75 == "number") && (!(data75 % 1) && !isNaN(data75))) && (isFinite(data75)))){
const err171 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/list",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/list/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.list.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.list,data:data75};
if(vErrors === null){
vErrors = [err171];
}
else {
vErrors.push(err171);
}
errors++;
}
if((typeof data75 == "number") && (isFinite(data75))){
if(data75 > 86400000 || isNaN(data75)){
const err172 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/list",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/list/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.list,data:data75};
if(vErrors === null){
vErrors = [err172];
}
else {
vErrors.push(err172);
}
errors++;
}
if(data75 < 1000 || isNaN(data75)){
const err173 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits/list",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/properties/list/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.properties.list,data:data75};
if(vErrors === null){
vErrors = [err173];
}
else {
vErrors.push(err173);
}
errors++;
}
}
}
}
else {
const err174 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/timeLimits",schemaPath:"#/properties/agent/properties/endpoints/items/properties/timeLimits/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.timeLimits,data:data68};
if(vErrors === null){
vErrors = [err174];
}
else {
vErrors.push(err174);
}
errors++;
}
}
if(data49.renewRetries !== undefined && func0.call(data49, "renewRetries")){
let data76 = data49.renewRetries;
if(!(((typeof data76 == "number") && (!(data76 % 1) && !isNaN(data76))) && (isFinite(data76)))){
const err175 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/renewRetries",schemaPath:"#/properties/agent/properties/endpoints/items/properties/renewRetries/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.agent.properties.endpoints.items.properties.renewRetries.type,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.renewRetries,data:data76};
if(vErrors === null){
vErrors = [err175];
}
else {
vErrors.push(err175);
}
errors++;
}
if((typeof data76 == "number") && (isFinite(data76))){
if(data76 > 1000 || isNaN(data76)){
const err176 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/renewRetries",schemaPath:"#/properties/agent/properties/endpoints/items/properties/renewRetries/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000",schema:1000,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.renewRetries,data:data76};
if(vErrors === null){
vErrors = [err176];
}
else {
vErrors.push(err176);
}
errors++;
}
if(data76 < 0 || isNaN(data76)){
const err177 = {instancePath:instancePath+"/agent/endpoints/" + i3+"/renewRetries",schemaPath:"#/properties/agent/properties/endpoints/items/properties/renewRetries/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.agent.properties.endpoints.items.properties.renewRetries,data:data76};
if(vErrors === null){
vErrors = [err177];
}
else {
vErrors.push(err177);
}
errors++;
}
}
}
}
else {
const err178 = {instancePath:instancePath+"/agent/endpoints/" + i3,schemaPath:"#/properties/agent/properties/endpoints/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.agent.properties.endpoints.items.type,parentSchema:schema31.properties.agent.properties.endpoints.items,data:data49};
if(vErrors === null){
vErrors = [err178];
}
else {
vErrors.push(err178);
}
errors++;
}
}
}
else {
const err179 = {instancePath:instancePath+"/agent/endpoints",schemaPath:"#/properties/agent/properties/endpoints/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.agent.properties.endpoints.type,parentSchema:schema31.properties.agent.properties.endpoints,data:data48};
if(vErrors === null){
vErrors = [err179];
}
else {
vErrors.push(err179);
}
errors++;
}
}
}
else {
const err180 = {instancePath:instancePath+"/agent",schemaPath:"#/properties/agent/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.agent.type,parentSchema:schema31.properties.agent,data:data41};
if(vErrors === null){
vErrors = [err180];
}
else {
vErrors.push(err180);
}
errors++;
}
}
if(data.metrics !== undefined && func0.call(data, "metrics")){
let data77 = data.metrics;
if(data77 && typeof data77 == "object" && !Array.isArray(data77)){
for(const key11 of Object.keys(data77)){
if(!(key11 === "access")){
const err181 = {instancePath:instancePath+"/metrics",schemaPath:"#/properties/metrics/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.metrics,data:data77};
if(vErrors === null){
vErrors = [err181];
}
else {
vErrors.push(err181);
}
errors++;
}
}
if(data77.access !== undefined && func0.call(data77, "access")){
let data78 = data77.access;
if(typeof data78 !== "string"){
const err182 = {instancePath:instancePath+"/metrics/access",schemaPath:"#/properties/metrics/properties/access/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.metrics.properties.access.type,parentSchema:schema31.properties.metrics.properties.access,data:data78};
if(vErrors === null){
vErrors = [err182];
}
else {
vErrors.push(err182);
}
errors++;
}
if(!((data78 === "public") || (data78 === "token"))){
const err183 = {instancePath:instancePath+"/metrics/access",schemaPath:"#/properties/metrics/properties/access/enum",keyword:"enum",params:{allowedValues: schema31.properties.metrics.properties.access.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.metrics.properties.access.enum,parentSchema:schema31.properties.metrics.properties.access,data:data78};
if(vErrors === null){
vErrors = [err183];
}
else {
vErrors.push(err183);
}
errors++;
}
}
}
else {
const err184 = {instancePath:instancePath+"/metrics",schemaPath:"#/properties/metrics/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.metrics.type,parentSchema:schema31.properties.metrics,data:data77};
if(vErrors === null){
vErrors = [err184];
}
else {
vErrors.push(err184);
}
errors++;
}
}
if(data.query !== undefined && func0.call(data, "query")){
let data79 = data.query;
if(data79 && typeof data79 == "object" && !Array.isArray(data79)){
for(const key12 of Object.keys(data79)){
if(!(((((((key12 === "enabled") || (key12 === "timeLimit")) || (key12 === "rowsMax")) || (key12 === "bytesMax")) || (key12 === "memory")) || (key12 === "children")) || (key12 === "saved"))){
const err185 = {instancePath:instancePath+"/query",schemaPath:"#/properties/query/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.query,data:data79};
if(vErrors === null){
vErrors = [err185];
}
else {
vErrors.push(err185);
}
errors++;
}
}
if(data79.enabled !== undefined && func0.call(data79, "enabled")){
let data80 = data79.enabled;
if(typeof data80 !== "boolean"){
const err186 = {instancePath:instancePath+"/query/enabled",schemaPath:"#/properties/query/properties/enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.query.properties.enabled.type,parentSchema:schema31.properties.query.properties.enabled,data:data80};
if(vErrors === null){
vErrors = [err186];
}
else {
vErrors.push(err186);
}
errors++;
}
}
if(data79.timeLimit !== undefined && func0.call(data79, "timeLimit")){
let data81 = data79.timeLimit;
if(!(((typeof data81 == "number") && (!(data81 % 1) && !isNaN(data81))) && (isFinite(data81)))){
const err187 = {instancePath:instancePath+"/query/timeLimit",schemaPath:"#/properties/query/properties/timeLimit/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.query.properties.timeLimit.type,parentSchema:schema31.properties.query.properties.timeLimit,data:data81};
if(vErrors === null){
vErrors = [err187];
}
else {
vErrors.push(err187);
}
errors++;
}
if((typeof data81 == "number") && (isFinite(data81))){
if(data81 > 3600000 || isNaN(data81)){
const err188 = {instancePath:instancePath+"/query/timeLimit",schemaPath:"#/properties/query/properties/timeLimit/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema31.properties.query.properties.timeLimit,data:data81};
if(vErrors === null){
vErrors = [err188];
}
else {
vErrors.push(err188);
}
errors++;
}
if(data81 < 100 || isNaN(data81)){
const err189 = {instancePath:instancePath+"/query/timeLimit",schemaPath:"#/properties/query/properties/timeLimit/minimum",keyword:"minimum",params:{comparison: ">=", limit: 100},message:"must be >= 100",schema:100,parentSchema:schema31.properties.query.properties.timeLimit,data:data81};
if(vErrors === null){
vErrors = [err189];
}
else {
vErrors.push(err189);
}
errors++;
}
}
}
if(data79.rowsMax !== undefined && func0.call(data79, "rowsMax")){
let data82 = data79.rowsMax;
if(!(((typeof data82 == "number") && (!(data82 % 1) && !isNaN(data82))) && (isFinite(data82)))){
const err190 = {instancePath:instancePath+"/query/rowsMax",schemaPath:"#/properties/query/properties/rowsMax/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.query.properties.rowsMax.type,parentSchema:schema31.properties.query.properties.rowsMax,data:data82};
if(vErrors === null){
vErrors = [err190];
}
else {
vErrors.push(err190);
}
errors++;
}
if((typeof data82 == "number") && (isFinite(data82))){
if(data82 > 1000000000 || isNaN(data82)){
const err191 = {instancePath:instancePath+"/query/rowsMax",schemaPath:"#/properties/query/properties/rowsMax/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000000},message:"must be <= 1000000000",schema:1000000000,parentSchema:schema31.properties.query.properties.rowsMax,data:data82};
if(vErrors === null){
vErrors = [err191];
}
else {
vErrors.push(err191);
}
errors++;
}
if(data82 < 1 || isNaN(data82)){
const err192 = {instancePath:instancePath+"/query/rowsMax",schemaPath:"#/properties/query/properties/rowsMax/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.query.properties.rowsMax,data:data82};
if(vErrors === null){
vErrors = [err192];
}
else {
vErrors.push(err192);
}
errors++;
}
}
}
if(data79.bytesMax !== undefined && func0.call(data79, "bytesMax")){
let data83 = data79.bytesMax;
if(!(((typeof data83 == "number") && (!(data83 % 1) && !isNaN(data83))) && (isFinite(data83)))){
const err193 = {instancePath:instancePath+"/query/bytesMax",schemaPath:"#/properties/query/properties/bytesMax/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.query.properties.bytesMax.type,parentSchema:schema31.properties.query.properties.bytesMax,data:data83};
if(vErrors === null){
vErrors = [err193];
}
else {
vErrors.push(err193);
}
errors++;
}
if((typeof data83 == "number") && (isFinite(data83))){
if(data83 > 68719476736 || isNaN(data83)){
const err194 = {instancePath:instancePath+"/query/bytesMax",schemaPath:"#/properties/query/properties/bytesMax/maximum",keyword:"maximum",params:{comparison: "<=", limit: 68719476736},message:"must be <= 68719476736",schema:68719476736,parentSchema:schema31.properties.query.properties.bytesMax,data:data83};
if(vErrors === null){
vErrors = [err194];
}
else {
vErrors.push(err194);
}
errors++;
}
if(data83 < 1024 || isNaN(data83)){
const err195 = {instancePath:instancePath+"/query/bytesMax",schemaPath:"#/properties/query/properties/bytesMax/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024",schema:1024,parentSchema:schema31.properties.query.properties.bytesMax,data:data83};
if(vErrors === null){
vErrors = [err195];
}
else {
vErrors.push(err195);
}
errors++;
}
}
}
if(data79.memory !== undefined && func0.call(data79, "memory")){
let data84 = data79.memory;
if(!(((typeof data84 == "number") && (!(data84 % 1) && !isNaN(data84))) && (isFinite(data84)))){
const err196 = {instancePath:instancePath+"/query/memory",schemaPath:"#/properties/query/properties/memory/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.query.properties.memory.type,parentSchema:schema31.properties.query.properties.memory,data:data84};
if(vErrors === null){
vErrors = [err196];
}
else {
vErrors.push(err196);
}
errors++;
}
if((typeof data84 == "number") && (isFinite(data84))){
if(data84 > 1099511627776 || isNaN(data84)){
const err197 = {instancePath:instancePath+"/query/memory",schemaPath:"#/properties/query/properties/memory/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1099511627776},message:"must be <= 1099511627776",schema:1099511627776,parentSchema:schema31.properties.query.properties.memory,data:data84};
if(vErrors === null){
vErrors = [err197];
}
else {
vErrors.push(err197);
}
errors++;
}
if(data84 < 67108864 || isNaN(data84)){
const err198 = {instancePath:instancePath+"/query/memory",schemaPath:"#/properties/query/properties/memory/minimum",keyword:"minimum",params:{comparison: ">=", limit: 67108864},message:"must be >= 67108864",schema:67108864,parentSchema:schema31.properties.query.properties.memory,data:data84};
if(vErrors === null){
vErrors = [err198];
}
else {
vErrors.push(err198);
}
errors++;
}
}
}
if(data79.children !== undefined && func0.call(data79, "children")){
let data85 = data79.children;
if(!(((typeof data85 == "number") && (!(data85 % 1) && !isNaN(data85))) && (isFinite(data85)))){
const err199 = {instancePath:instancePath+"/query/children",schemaPath:"#/properties/query/properties/children/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.query.properties.children.type,parentSchema:schema31.properties.query.properties.children,data:data85};
if(vErrors === null){
vErrors = [err199];
}
else {
vErrors.push(err199);
}
errors++;
}
if((typeof data85 == "number") && (isFinite(data85))){
if(data85 > 64 || isNaN(data85)){
const err200 = {instancePath:instancePath+"/query/children",schemaPath:"#/properties/query/properties/children/maximum",keyword:"maximum",params:{comparison: "<=", limit: 64},message:"must be <= 64",schema:64,parentSchema:schema31.properties.query.properties.children,data:data85};
if(vErrors === null){
vErrors = [err200];
}
else {
vErrors.push(err200);
}
errors++;
}
if(data85 < 1 || isNaN(data85)){
const err201 = {instancePath:instancePath+"/query/children",schemaPath:"#/properties/query/properties/children/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.query.properties.children,data:data85};
if(vErrors === null){
vErrors = [err201];
}
else {
vErrors.push(err201);
}
errors++;
}
}
}
if(data79.saved !== undefined && func0.call(data79, "saved")){
let data86 = data79.saved;
if(Array.isArray(data86)){
if(data86.length > 100){
const err202 = {instancePath:instancePath+"/query/saved",schemaPath:"#/properties/query/properties/saved/maxItems",keyword:"maxItems",params:{limit: 100},message:"must NOT have more than 100 items",schema:100,parentSchema:schema31.properties.query.properties.saved,data:data86};
if(vErrors === null){
vErrors = [err202];
}
else {
vErrors.push(err202);
}
errors++;
}
const len5 = data86.length;
for(let i5=0; i5<len5; i5++){
let data87 = data86[i5];
if(data87 && typeof data87 == "object" && !Array.isArray(data87)){
if((data87.name === undefined) || (!(func0.call(data87, "name")))){
const err203 = {instancePath:instancePath+"/query/saved/" + i5,schemaPath:"#/properties/query/properties/saved/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema31.properties.query.properties.saved.items.required,parentSchema:schema31.properties.query.properties.saved.items,data:data87};
if(vErrors === null){
vErrors = [err203];
}
else {
vErrors.push(err203);
}
errors++;
}
if((data87.sql === undefined) || (!(func0.call(data87, "sql")))){
const err204 = {instancePath:instancePath+"/query/saved/" + i5,schemaPath:"#/properties/query/properties/saved/items/required",keyword:"required",params:{missingProperty: "sql"},message:"must have required property '"+"sql"+"'",schema:schema31.properties.query.properties.saved.items.required,parentSchema:schema31.properties.query.properties.saved.items,data:data87};
if(vErrors === null){
vErrors = [err204];
}
else {
vErrors.push(err204);
}
errors++;
}
if((data87.every === undefined) || (!(func0.call(data87, "every")))){
const err205 = {instancePath:instancePath+"/query/saved/" + i5,schemaPath:"#/properties/query/properties/saved/items/required",keyword:"required",params:{missingProperty: "every"},message:"must have required property '"+"every"+"'",schema:schema31.properties.query.properties.saved.items.required,parentSchema:schema31.properties.query.properties.saved.items,data:data87};
if(vErrors === null){
vErrors = [err205];
}
else {
vErrors.push(err205);
}
errors++;
}
for(const key13 of Object.keys(data87)){
if(!((((((key13 === "name") || (key13 === "description")) || (key13 === "sql")) || (key13 === "at")) || (key13 === "every")) || (key13 === "labels"))){
const err206 = {instancePath:instancePath+"/query/saved/" + i5,schemaPath:"#/properties/query/properties/saved/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.query.properties.saved.items,data:data87};
if(vErrors === null){
vErrors = [err206];
}
else {
vErrors.push(err206);
}
errors++;
}
}
if(data87.name !== undefined && func0.call(data87, "name")){
let data88 = data87.name;
if(typeof data88 === "string"){
if(!(formats12(data88))){
const err207 = {instancePath:instancePath+"/query/saved/" + i5+"/name",schemaPath:"#/properties/query/properties/saved/items/properties/name/format",keyword:"format",params:{format: "figure-name"},message:"must match format \""+"figure-name"+"\"",schema:"figure-name",parentSchema:schema31.properties.query.properties.saved.items.properties.name,data:data88};
if(vErrors === null){
vErrors = [err207];
}
else {
vErrors.push(err207);
}
errors++;
}
}
else {
const err208 = {instancePath:instancePath+"/query/saved/" + i5+"/name",schemaPath:"#/properties/query/properties/saved/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.query.properties.saved.items.properties.name.type,parentSchema:schema31.properties.query.properties.saved.items.properties.name,data:data88};
if(vErrors === null){
vErrors = [err208];
}
else {
vErrors.push(err208);
}
errors++;
}
}
if(data87.description !== undefined && func0.call(data87, "description")){
let data89 = data87.description;
if(typeof data89 === "string"){
if(func63(data89) < 1){
const err209 = {instancePath:instancePath+"/query/saved/" + i5+"/description",schemaPath:"#/properties/query/properties/saved/items/properties/description/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.query.properties.saved.items.properties.description,data:data89};
if(vErrors === null){
vErrors = [err209];
}
else {
vErrors.push(err209);
}
errors++;
}
}
else {
const err210 = {instancePath:instancePath+"/query/saved/" + i5+"/description",schemaPath:"#/properties/query/properties/saved/items/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.query.properties.saved.items.properties.description.type,parentSchema:schema31.properties.query.properties.saved.items.properties.description,data:data89};
if(vErrors === null){
vErrors = [err210];
}
else {
vErrors.push(err210);
}
errors++;
}
}
if(data87.sql !== undefined && func0.call(data87, "sql")){
let data90 = data87.sql;
if(typeof data90 === "string"){
if(func63(data90) < 1){
const err211 = {instancePath:instancePath+"/query/saved/" + i5+"/sql",schemaPath:"#/properties/query/properties/saved/items/properties/sql/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.query.properties.saved.items.properties.sql,data:data90};
if(vErrors === null){
vErrors = [err211];
}
else {
vErrors.push(err211);
}
errors++;
}
}
else {
const err212 = {instancePath:instancePath+"/query/saved/" + i5+"/sql",schemaPath:"#/properties/query/properties/saved/items/properties/sql/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.query.properties.saved.items.properties.sql.type,parentSchema:schema31.properties.query.properties.saved.items.properties.sql,data:data90};
if(vErrors === null){
vErrors = [err212];
}
else {
vErrors.push(err212);
}
errors++;
}
}
if(data87.at !== undefined && func0.call(data87, "at")){
let data91 = data87.at;
if(typeof data91 === "string"){
if(func63(data91) < 1){
const err213 = {instancePath:instancePath+"/query/saved/" + i5+"/at",schemaPath:"#/properties/query/properties/saved/items/properties/at/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema31.properties.query.properties.saved.items.properties.at,data:data91};
if(vErrors === null){
vErrors = [err213];
}
else {
vErrors.push(err213);
}
errors++;
}
}
else {
const err214 = {instancePath:instancePath+"/query/saved/" + i5+"/at",schemaPath:"#/properties/query/properties/saved/items/properties/at/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.query.properties.saved.items.properties.at.type,parentSchema:schema31.properties.query.properties.saved.items.properties.at,data:data91};
if(vErrors === null){
vErrors = [err214];
}
else {
vErrors.push(err214);
}
errors++;
}
}
if(data87.every !== undefined && func0.call(data87, "every")){
let data92 = data87.every;
if(!(((typeof data92 == "number") && (!(data92 % 1) && !isNaN(data92))) && (isFinite(data92)))){
const err215 = {instancePath:instancePath+"/query/saved/" + i5+"/every",schemaPath:"#/properties/query/properties/saved/items/properties/every/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.query.properties.saved.items.properties.every.type,parentSchema:schema31.properties.query.properties.saved.items.properties.every,data:data92};
if(vErrors === null){
vErrors = [err215];
}
else {
vErrors.push(err215);
}
errors++;
}
if((typeof data92 == "number") && (isFinite(data92))){
if(data92 > 86400000 || isNaN(data92)){
const err216 = {instancePath:instancePath+"/query/saved/" + i5+"/every",schemaPath:"#/properties/query/properties/saved/items/properties/every/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400000},message:"must be <= 86400000",schema:86400000,parentSchema:schema31.properties.query.properties.saved.items.properties.every,data:data92};
if(vErrors === null){
vErrors = [err216];
}
else {
vErrors.push(err216);
}
errors++;
}
if(data92 < 1000 || isNaN(data92)){
const err217 = {instancePath:instancePath+"/query/saved/" + i5+"/every",schemaPath:"#/properties/query/properties/saved/items/properties/every/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1000},message:"must be >= 1000",schema:1000,parentSchema:schema31.properties.query.properties.saved.items.properties.every,data:data92};
if(vErrors === null){
vErrors = [err217];
}
else {
vErrors.push(err217);
}
errors++;
}
}
}
if(data87.labels !== undefined && func0.call(data87, "labels")){
let data93 = data87.labels;
if(Array.isArray(data93)){
if(data93.length > 10){
const err218 = {instancePath:instancePath+"/query/saved/" + i5+"/labels",schemaPath:"#/properties/query/properties/saved/items/properties/labels/maxItems",keyword:"maxItems",params:{limit: 10},message:"must NOT have more than 10 items",schema:10,parentSchema:schema31.properties.query.properties.saved.items.properties.labels,data:data93};
if(vErrors === null){
vErrors = [err218];
}
else {
vErrors.push(err218);
}
errors++;
}
const len6 = data93.length;
for(let i6=0; i6<len6; i6++){
let data94 = data93[i6];
if(typeof data94 === "string"){
if(!(formats12(data94))){
const err219 = {instancePath:instancePath+"/query/saved/" + i5+"/labels/" + i6,schemaPath:"#/properties/query/properties/saved/items/properties/labels/items/format",keyword:"format",params:{format: "figure-name"},message:"must match format \""+"figure-name"+"\"",schema:"figure-name",parentSchema:schema31.properties.query.properties.saved.items.properties.labels.items,data:data94};
if(vErrors === null){
vErrors = [err219];
}
else {
vErrors.push(err219);
}
errors++;
}
}
else {
const err220 = {instancePath:instancePath+"/query/saved/" + i5+"/labels/" + i6,schemaPath:"#/properties/query/properties/saved/items/properties/labels/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.query.properties.saved.items.properties.labels.items.type,parentSchema:schema31.properties.query.properties.saved.items.properties.labels.items,data:data94};
if(vErrors === null){
vErrors = [err220];
}
else {
vErrors.push(err220);
}
errors++;
}
}
}
else {
const err221 = {instancePath:instancePath+"/query/saved/" + i5+"/labels",schemaPath:"#/properties/query/properties/saved/items/properties/labels/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.query.properties.saved.items.properties.labels.type,parentSchema:schema31.properties.query.properties.saved.items.properties.labels,data:data93};
if(vErrors === null){
vErrors = [err221];
}
else {
vErrors.push(err221);
}
errors++;
}
}
}
else {
const err222 = {instancePath:instancePath+"/query/saved/" + i5,schemaPath:"#/properties/query/properties/saved/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.query.properties.saved.items.type,parentSchema:schema31.properties.query.properties.saved.items,data:data87};
if(vErrors === null){
vErrors = [err222];
}
else {
vErrors.push(err222);
}
errors++;
}
}
}
else {
const err223 = {instancePath:instancePath+"/query/saved",schemaPath:"#/properties/query/properties/saved/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.query.properties.saved.type,parentSchema:schema31.properties.query.properties.saved,data:data86};
if(vErrors === null){
vErrors = [err223];
}
else {
vErrors.push(err223);
}
errors++;
}
}
}
else {
const err224 = {instancePath:instancePath+"/query",schemaPath:"#/properties/query/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.query.type,parentSchema:schema31.properties.query,data:data79};
if(vErrors === null){
vErrors = [err224];
}
else {
vErrors.push(err224);
}
errors++;
}
}
if(data.log !== undefined && func0.call(data, "log")){
let data95 = data.log;
if(data95 && typeof data95 == "object" && !Array.isArray(data95)){
for(const key14 of Object.keys(data95)){
if(!((key14 === "level") || (key14 === "format"))){
const err225 = {instancePath:instancePath+"/log",schemaPath:"#/properties/log/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.log,data:data95};
if(vErrors === null){
vErrors = [err225];
}
else {
vErrors.push(err225);
}
errors++;
}
}
if(data95.level !== undefined && func0.call(data95, "level")){
let data96 = data95.level;
if(typeof data96 !== "string"){
const err226 = {instancePath:instancePath+"/log/level",schemaPath:"#/properties/log/properties/level/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.log.properties.level.type,parentSchema:schema31.properties.log.properties.level,data:data96};
if(vErrors === null){
vErrors = [err226];
}
else {
vErrors.push(err226);
}
errors++;
}
if(!((((data96 === "debug") || (data96 === "info")) || (data96 === "warn")) || (data96 === "error"))){
const err227 = {instancePath:instancePath+"/log/level",schemaPath:"#/properties/log/properties/level/enum",keyword:"enum",params:{allowedValues: schema31.properties.log.properties.level.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.log.properties.level.enum,parentSchema:schema31.properties.log.properties.level,data:data96};
if(vErrors === null){
vErrors = [err227];
}
else {
vErrors.push(err227);
}
errors++;
}
}
if(data95.format !== undefined && func0.call(data95, "format")){
let data97 = data95.format;
if(typeof data97 !== "string"){
const err228 = {instancePath:instancePath+"/log/format",schemaPath:"#/properties/log/properties/format/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.log.properties.format.type,parentSchema:schema31.properties.log.properties.format,data:data97};
if(vErrors === null){
vErrors = [err228];
}
else {
vErrors.push(err228);
}
errors++;
}
if(!(((data97 === "auto") || (data97 === "json")) || (data97 === "pretty"))){
const err229 = {instancePath:instancePath+"/log/format",schemaPath:"#/properties/log/properties/format/enum",keyword:"enum",params:{allowedValues: schema31.properties.log.properties.format.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.log.properties.format.enum,parentSchema:schema31.properties.log.properties.format,data:data97};
if(vErrors === null){
vErrors = [err229];
}
else {
vErrors.push(err229);
}
errors++;
}
}
}
else {
const err230 = {instancePath:instancePath+"/log",schemaPath:"#/properties/log/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.log.type,parentSchema:schema31.properties.log,data:data95};
if(vErrors === null){
vErrors = [err230];
}
else {
vErrors.push(err230);
}
errors++;
}
}
if(data.history !== undefined && func0.call(data, "history")){
let data98 = data.history;
if(data98 && typeof data98 == "object" && !Array.isArray(data98)){
for(const key15 of Object.keys(data98)){
if(!(key15 === "memoryBytes")){
const err231 = {instancePath:instancePath+"/history",schemaPath:"#/properties/history/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key15},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.history,data:data98};
if(vErrors === null){
vErrors = [err231];
}
else {
vErrors.push(err231);
}
errors++;
}
}
if(data98.memoryBytes !== undefined && func0.call(data98, "memoryBytes")){
let data99 = data98.memoryBytes;
if(!(((typeof data99 == "number") && (!(data99 % 1) && !isNaN(data99))) && (isFinite(data99)))){
const err232 = {instancePath:instancePath+"/history/memoryBytes",schemaPath:"#/properties/history/properties/memoryBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.history.properties.memoryBytes.type,parentSchema:schema31.properties.history.properties.memoryBytes,data:data99};
if(vErrors === null){
vErrors = [err232];
}
else {
vErrors.push(err232);
}
errors++;
}
if((typeof data99 == "number") && (isFinite(data99))){
if(data99 > 1099511627776 || isNaN(data99)){
const err233 = {instancePath:instancePath+"/history/memoryBytes",schemaPath:"#/properties/history/properties/memoryBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1099511627776},message:"must be <= 1099511627776",schema:1099511627776,parentSchema:schema31.properties.history.properties.memoryBytes,data:data99};
if(vErrors === null){
vErrors = [err233];
}
else {
vErrors.push(err233);
}
errors++;
}
if(data99 < 67108864 || isNaN(data99)){
const err234 = {instancePath:instancePath+"/history/memoryBytes",schemaPath:"#/properties/history/properties/memoryBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 67108864},message:"must be >= 67108864",schema:67108864,parentSchema:schema31.properties.history.properties.memoryBytes,data:data99};
if(vErrors === null){
vErrors = [err234];
}
else {
vErrors.push(err234);
}
errors++;
}
}
}
}
else {
const err235 = {instancePath:instancePath+"/history",schemaPath:"#/properties/history/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.history.type,parentSchema:schema31.properties.history,data:data98};
if(vErrors === null){
vErrors = [err235];
}
else {
vErrors.push(err235);
}
errors++;
}
}
if(data.limits !== undefined && func0.call(data, "limits")){
let data100 = data.limits;
if(data100 && typeof data100 == "object" && !Array.isArray(data100)){
for(const key16 of Object.keys(data100)){
if(!(func0.call(schema31.properties.limits.properties, key16))){
const err236 = {instancePath:instancePath+"/limits",schemaPath:"#/properties/limits/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key16},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.limits,data:data100};
if(vErrors === null){
vErrors = [err236];
}
else {
vErrors.push(err236);
}
errors++;
}
}
if(data100.bodyBytes !== undefined && func0.call(data100, "bodyBytes")){
let data101 = data100.bodyBytes;
if(!(((typeof data101 == "number") && (!(data101 % 1) && !isNaN(data101))) && (isFinite(data101)))){
const err237 = {instancePath:instancePath+"/limits/bodyBytes",schemaPath:"#/properties/limits/properties/bodyBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.bodyBytes.type,parentSchema:schema31.properties.limits.properties.bodyBytes,data:data101};
if(vErrors === null){
vErrors = [err237];
}
else {
vErrors.push(err237);
}
errors++;
}
if((typeof data101 == "number") && (isFinite(data101))){
if(data101 > 1073741824 || isNaN(data101)){
const err238 = {instancePath:instancePath+"/limits/bodyBytes",schemaPath:"#/properties/limits/properties/bodyBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1073741824},message:"must be <= 1073741824",schema:1073741824,parentSchema:schema31.properties.limits.properties.bodyBytes,data:data101};
if(vErrors === null){
vErrors = [err238];
}
else {
vErrors.push(err238);
}
errors++;
}
if(data101 < 1024 || isNaN(data101)){
const err239 = {instancePath:instancePath+"/limits/bodyBytes",schemaPath:"#/properties/limits/properties/bodyBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024",schema:1024,parentSchema:schema31.properties.limits.properties.bodyBytes,data:data101};
if(vErrors === null){
vErrors = [err239];
}
else {
vErrors.push(err239);
}
errors++;
}
}
}
if(data100.bulkBytes !== undefined && func0.call(data100, "bulkBytes")){
let data102 = data100.bulkBytes;
if(!(((typeof data102 == "number") && (!(data102 % 1) && !isNaN(data102))) && (isFinite(data102)))){
const err240 = {instancePath:instancePath+"/limits/bulkBytes",schemaPath:"#/properties/limits/properties/bulkBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.bulkBytes.type,parentSchema:schema31.properties.limits.properties.bulkBytes,data:data102};
if(vErrors === null){
vErrors = [err240];
}
else {
vErrors.push(err240);
}
errors++;
}
if((typeof data102 == "number") && (isFinite(data102))){
if(data102 > 68719476736 || isNaN(data102)){
const err241 = {instancePath:instancePath+"/limits/bulkBytes",schemaPath:"#/properties/limits/properties/bulkBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 68719476736},message:"must be <= 68719476736",schema:68719476736,parentSchema:schema31.properties.limits.properties.bulkBytes,data:data102};
if(vErrors === null){
vErrors = [err241];
}
else {
vErrors.push(err241);
}
errors++;
}
if(data102 < 1024 || isNaN(data102)){
const err242 = {instancePath:instancePath+"/limits/bulkBytes",schemaPath:"#/properties/limits/properties/bulkBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024",schema:1024,parentSchema:schema31.properties.limits.properties.bulkBytes,data:data102};
if(vErrors === null){
vErrors = [err242];
}
else {
vErrors.push(err242);
}
errors++;
}
}
}
if(data100.inFlight !== undefined && func0.call(data100, "inFlight")){
let data103 = data100.inFlight;
if(!(((typeof data103 == "number") && (!(data103 % 1) && !isNaN(data103))) && (isFinite(data103)))){
const err243 = {instancePath:instancePath+"/limits/inFlight",schemaPath:"#/properties/limits/properties/inFlight/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.inFlight.type,parentSchema:schema31.properties.limits.properties.inFlight,data:data103};
if(vErrors === null){
vErrors = [err243];
}
else {
vErrors.push(err243);
}
errors++;
}
if((typeof data103 == "number") && (isFinite(data103))){
if(data103 > 1000000 || isNaN(data103)){
const err244 = {instancePath:instancePath+"/limits/inFlight",schemaPath:"#/properties/limits/properties/inFlight/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000},message:"must be <= 1000000",schema:1000000,parentSchema:schema31.properties.limits.properties.inFlight,data:data103};
if(vErrors === null){
vErrors = [err244];
}
else {
vErrors.push(err244);
}
errors++;
}
if(data103 < 1 || isNaN(data103)){
const err245 = {instancePath:instancePath+"/limits/inFlight",schemaPath:"#/properties/limits/properties/inFlight/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.limits.properties.inFlight,data:data103};
if(vErrors === null){
vErrors = [err245];
}
else {
vErrors.push(err245);
}
errors++;
}
}
}
if(data100.inFlightPerAddress !== undefined && func0.call(data100, "inFlightPerAddress")){
let data104 = data100.inFlightPerAddress;
if(!(((typeof data104 == "number") && (!(data104 % 1) && !isNaN(data104))) && (isFinite(data104)))){
const err246 = {instancePath:instancePath+"/limits/inFlightPerAddress",schemaPath:"#/properties/limits/properties/inFlightPerAddress/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.inFlightPerAddress.type,parentSchema:schema31.properties.limits.properties.inFlightPerAddress,data:data104};
if(vErrors === null){
vErrors = [err246];
}
else {
vErrors.push(err246);
}
errors++;
}
if((typeof data104 == "number") && (isFinite(data104))){
if(data104 > 1000000 || isNaN(data104)){
const err247 = {instancePath:instancePath+"/limits/inFlightPerAddress",schemaPath:"#/properties/limits/properties/inFlightPerAddress/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000},message:"must be <= 1000000",schema:1000000,parentSchema:schema31.properties.limits.properties.inFlightPerAddress,data:data104};
if(vErrors === null){
vErrors = [err247];
}
else {
vErrors.push(err247);
}
errors++;
}
if(data104 < 1 || isNaN(data104)){
const err248 = {instancePath:instancePath+"/limits/inFlightPerAddress",schemaPath:"#/properties/limits/properties/inFlightPerAddress/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.limits.properties.inFlightPerAddress,data:data104};
if(vErrors === null){
vErrors = [err248];
}
else {
vErrors.push(err248);
}
errors++;
}
}
}
if(data100.connections !== undefined && func0.call(data100, "connections")){
let data105 = data100.connections;
if(!(((typeof data105 == "number") && (!(data105 % 1) && !isNaN(data105))) && (isFinite(data105)))){
const err249 = {instancePath:instancePath+"/limits/connections",schemaPath:"#/properties/limits/properties/connections/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.connections.type,parentSchema:schema31.properties.limits.properties.connections,data:data105};
if(vErrors === null){
vErrors = [err249];
}
else {
vErrors.push(err249);
}
errors++;
}
if((typeof data105 == "number") && (isFinite(data105))){
if(data105 > 1000000 || isNaN(data105)){
const err250 = {instancePath:instancePath+"/limits/connections",schemaPath:"#/properties/limits/properties/connections/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000},message:"must be <= 1000000",schema:1000000,parentSchema:schema31.properties.limits.properties.connections,data:data105};
if(vErrors === null){
vErrors = [err250];
}
else {
vErrors.push(err250);
}
errors++;
}
if(data105 < 8 || isNaN(data105)){
const err251 = {instancePath:instancePath+"/limits/connections",schemaPath:"#/properties/limits/properties/connections/minimum",keyword:"minimum",params:{comparison: ">=", limit: 8},message:"must be >= 8",schema:8,parentSchema:schema31.properties.limits.properties.connections,data:data105};
if(vErrors === null){
vErrors = [err251];
}
else {
vErrors.push(err251);
}
errors++;
}
}
}
if(data100.connectionsPerAddress !== undefined && func0.call(data100, "connectionsPerAddress")){
let data106 = data100.connectionsPerAddress;
if(!(((typeof data106 == "number") && (!(data106 % 1) && !isNaN(data106))) && (isFinite(data106)))){
const err252 = {instancePath:instancePath+"/limits/connectionsPerAddress",schemaPath:"#/properties/limits/properties/connectionsPerAddress/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.connectionsPerAddress.type,parentSchema:schema31.properties.limits.properties.connectionsPerAddress,data:data106};
if(vErrors === null){
vErrors = [err252];
}
else {
vErrors.push(err252);
}
errors++;
}
if((typeof data106 == "number") && (isFinite(data106))){
if(data106 > 1000000 || isNaN(data106)){
const err253 = {instancePath:instancePath+"/limits/connectionsPerAddress",schemaPath:"#/properties/limits/properties/connectionsPerAddress/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000},message:"must be <= 1000000",schema:1000000,parentSchema:schema31.properties.limits.properties.connectionsPerAddress,data:data106};
if(vErrors === null){
vErrors = [err253];
}
else {
vErrors.push(err253);
}
errors++;
}
if(data106 < 1 || isNaN(data106)){
const err254 = {instancePath:instancePath+"/limits/connectionsPerAddress",schemaPath:"#/properties/limits/properties/connectionsPerAddress/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.limits.properties.connectionsPerAddress,data:data106};
if(vErrors === null){
vErrors = [err254];
}
else {
vErrors.push(err254);
}
errors++;
}
}
}
if(data100.requestsPerSecond !== undefined && func0.call(data100, "requestsPerSecond")){
let data107 = data100.requestsPerSecond;
if(!(((typeof data107 == "number") && (!(data107 % 1) && !isNaN(data107))) && (isFinite(data107)))){
const err255 = {instancePath:instancePath+"/limits/requestsPerSecond",schemaPath:"#/properties/limits/properties/requestsPerSecond/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.requestsPerSecond.type,parentSchema:schema31.properties.limits.properties.requestsPerSecond,data:data107};
if(vErrors === null){
vErrors = [err255];
}
else {
vErrors.push(err255);
}
errors++;
}
if((typeof data107 == "number") && (isFinite(data107))){
if(data107 > 1000000 || isNaN(data107)){
const err256 = {instancePath:instancePath+"/limits/requestsPerSecond",schemaPath:"#/properties/limits/properties/requestsPerSecond/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000},message:"must be <= 1000000",schema:1000000,parentSchema:schema31.properties.limits.properties.requestsPerSecond,data:data107};
if(vErrors === null){
vErrors = [err256];
}
else {
vErrors.push(err256);
}
errors++;
}
if(data107 < 0 || isNaN(data107)){
const err257 = {instancePath:instancePath+"/limits/requestsPerSecond",schemaPath:"#/properties/limits/properties/requestsPerSecond/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.limits.properties.requestsPerSecond,data:data107};
if(vErrors === null){
vErrors = [err257];
}
else {
vErrors.push(err257);
}
errors++;
}
}
}
if(data100.feedsPerAddress !== undefined && func0.call(data100, "feedsPerAddress")){
let data108 = data100.feedsPerAddress;
if(!(((typeof data108 == "number") && (!(data108 % 1) && !isNaN(data108))) && (isFinite(data108)))){
const err258 = {instancePath:instancePath+"/limits/feedsPerAddress",schemaPath:"#/properties/limits/properties/feedsPerAddress/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.feedsPerAddress.type,parentSchema:schema31.properties.limits.properties.feedsPerAddress,data:data108};
if(vErrors === null){
vErrors = [err258];
}
else {
vErrors.push(err258);
}
errors++;
}
if((typeof data108 == "number") && (isFinite(data108))){
if(data108 > 1000000 || isNaN(data108)){
const err259 = {instancePath:instancePath+"/limits/feedsPerAddress",schemaPath:"#/properties/limits/properties/feedsPerAddress/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000},message:"must be <= 1000000",schema:1000000,parentSchema:schema31.properties.limits.properties.feedsPerAddress,data:data108};
if(vErrors === null){
vErrors = [err259];
}
else {
vErrors.push(err259);
}
errors++;
}
if(data108 < 1 || isNaN(data108)){
const err260 = {instancePath:instancePath+"/limits/feedsPerAddress",schemaPath:"#/properties/limits/properties/feedsPerAddress/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.limits.properties.feedsPerAddress,data:data108};
if(vErrors === null){
vErrors = [err260];
}
else {
vErrors.push(err260);
}
errors++;
}
}
}
if(data100.pastPerCaller !== undefined && func0.call(data100, "pastPerCaller")){
let data109 = data100.pastPerCaller;
if(!(((typeof data109 == "number") && (!(data109 % 1) && !isNaN(data109))) && (isFinite(data109)))){
const err261 = {instancePath:instancePath+"/limits/pastPerCaller",schemaPath:"#/properties/limits/properties/pastPerCaller/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.pastPerCaller.type,parentSchema:schema31.properties.limits.properties.pastPerCaller,data:data109};
if(vErrors === null){
vErrors = [err261];
}
else {
vErrors.push(err261);
}
errors++;
}
if((typeof data109 == "number") && (isFinite(data109))){
if(data109 > 64 || isNaN(data109)){
const err262 = {instancePath:instancePath+"/limits/pastPerCaller",schemaPath:"#/properties/limits/properties/pastPerCaller/maximum",keyword:"maximum",params:{comparison: "<=", limit: 64},message:"must be <= 64",schema:64,parentSchema:schema31.properties.limits.properties.pastPerCaller,data:data109};
if(vErrors === null){
vErrors = [err262];
}
else {
vErrors.push(err262);
}
errors++;
}
if(data109 < 1 || isNaN(data109)){
const err263 = {instancePath:instancePath+"/limits/pastPerCaller",schemaPath:"#/properties/limits/properties/pastPerCaller/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.limits.properties.pastPerCaller,data:data109};
if(vErrors === null){
vErrors = [err263];
}
else {
vErrors.push(err263);
}
errors++;
}
}
}
if(data100.queriesPerCaller !== undefined && func0.call(data100, "queriesPerCaller")){
let data110 = data100.queriesPerCaller;
if(!(((typeof data110 == "number") && (!(data110 % 1) && !isNaN(data110))) && (isFinite(data110)))){
const err264 = {instancePath:instancePath+"/limits/queriesPerCaller",schemaPath:"#/properties/limits/properties/queriesPerCaller/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.queriesPerCaller.type,parentSchema:schema31.properties.limits.properties.queriesPerCaller,data:data110};
if(vErrors === null){
vErrors = [err264];
}
else {
vErrors.push(err264);
}
errors++;
}
if((typeof data110 == "number") && (isFinite(data110))){
if(data110 > 80 || isNaN(data110)){
const err265 = {instancePath:instancePath+"/limits/queriesPerCaller",schemaPath:"#/properties/limits/properties/queriesPerCaller/maximum",keyword:"maximum",params:{comparison: "<=", limit: 80},message:"must be <= 80",schema:80,parentSchema:schema31.properties.limits.properties.queriesPerCaller,data:data110};
if(vErrors === null){
vErrors = [err265];
}
else {
vErrors.push(err265);
}
errors++;
}
if(data110 < 1 || isNaN(data110)){
const err266 = {instancePath:instancePath+"/limits/queriesPerCaller",schemaPath:"#/properties/limits/properties/queriesPerCaller/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.limits.properties.queriesPerCaller,data:data110};
if(vErrors === null){
vErrors = [err266];
}
else {
vErrors.push(err266);
}
errors++;
}
}
}
if(data100.requestTimeLimitMs !== undefined && func0.call(data100, "requestTimeLimitMs")){
let data111 = data100.requestTimeLimitMs;
if(!(((typeof data111 == "number") && (!(data111 % 1) && !isNaN(data111))) && (isFinite(data111)))){
const err267 = {instancePath:instancePath+"/limits/requestTimeLimitMs",schemaPath:"#/properties/limits/properties/requestTimeLimitMs/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.limits.properties.requestTimeLimitMs.type,parentSchema:schema31.properties.limits.properties.requestTimeLimitMs,data:data111};
if(vErrors === null){
vErrors = [err267];
}
else {
vErrors.push(err267);
}
errors++;
}
if((typeof data111 == "number") && (isFinite(data111))){
if(data111 > 3600000 || isNaN(data111)){
const err268 = {instancePath:instancePath+"/limits/requestTimeLimitMs",schemaPath:"#/properties/limits/properties/requestTimeLimitMs/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema31.properties.limits.properties.requestTimeLimitMs,data:data111};
if(vErrors === null){
vErrors = [err268];
}
else {
vErrors.push(err268);
}
errors++;
}
if(data111 < 100 || isNaN(data111)){
const err269 = {instancePath:instancePath+"/limits/requestTimeLimitMs",schemaPath:"#/properties/limits/properties/requestTimeLimitMs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 100},message:"must be >= 100",schema:100,parentSchema:schema31.properties.limits.properties.requestTimeLimitMs,data:data111};
if(vErrors === null){
vErrors = [err269];
}
else {
vErrors.push(err269);
}
errors++;
}
}
}
}
else {
const err270 = {instancePath:instancePath+"/limits",schemaPath:"#/properties/limits/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.limits.type,parentSchema:schema31.properties.limits,data:data100};
if(vErrors === null){
vErrors = [err270];
}
else {
vErrors.push(err270);
}
errors++;
}
}
}
else {
const err271 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err271];
}
else {
vErrors.push(err271);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

return exports.config;
}

/**
 * Words that say something of SMTP and nothing of anybody: they stay in a capture that is shared, everything else is
 * replaced. Collected from what servers are known to reply and from what rules look for, read through for names.
 */

/** Of commands and replies. */
export const PROTOCOL_WORDS: ReadonlySet<string> = words(`
7bit 8bitmime a abus abuseat abusix accept accepted accepting access account accounts ack across active addr
address addressee addresses admin administrative ae after again agent ahbl ahead alias all allocation allowed am
amazonses an and anonymous aol app application approved apr are argument arguments as ascii at ation atrn
attachment attack aug auth authenticat authenticate authenticated authentication authori available back
backscatter backscatterer bad badmailfrom badrcptto ban banned bare barracuda barracudacentral basic batv bdat
be because been before begin behalf big binarymime bitmime bl black blacklist blacklisted blank block blocked
blocklist blocklisted body bounces box browser bulk burl busy by bye byte bytes call callback can cannot
carriage cbl census censys ch channel character check checkpoint checktls chunk chunking cisco client closed
closing cloudmark com come command commands compliant concurren concurrent conditional configuration confirmed
connect connection connections connects conneg connexions conperm content count courier cr cram cram-md5 create
credentials criteria crlf csi curl currently customer cve daemon daily dangerous data database date day dbl de
deactivated debug dec defaults deferred delay delete deliverby delivered delivery denied deny des destaddr
destinataire destinatario destination destport detected dev did digest digest-md5 disabled disableduser
disallowed discontinued disk dkim dmarc dmarcrejection dns dnsbl dnsbls dnswl do does doesn domain domains don
dot dovecot down dronebl dsa dsbl dsn dsns due dynamic early editor ehlo email emetteur empty encrypt encryption
end ending enhancedstatuscodes enter entry envelope envid error errors ers esmtp est etc etrn example exceed
exceeded exceeds excessive exchange exchangelabs executable exim exist existent expediteur expn export extension
external fail failed failure families fast feb feed feeds file filter find first fixed floor for forbidden
forged forward forwarding found framework frequency fri from full fully fusionzero futurerelease gateway gbudb
get gmail gmt gmx go goodbye google greeting greylist greylisted greylst gsmtp gss gssapi haproxy haraka has
have hdrs head header headers hello helo help here hlo holdfor holduntil hop hops host hostkarma hostname
hotmail hour hourly hours html http https i ication id ident identity idle if imap implemented in inactiv
inactive inbox incoming inconnu incorrect infected info input instead insufficient internal internet invalid
invalide invaluement io ip ipcheck ipv is isn isp issue it its itself ive jan jndi jst jul jun junk
junkemailfilter known large larger last later ldap learn left length less level lf lhlo limit limits line lines
link links list listed lists lmtp load local localdomain localhost locked logged login long longer lookup loop
lost low mail mailbox maildrop mailer mailgun mailmax mails mailserver mailspike maintenance malicious malware
manitu many map mapping mar masscan match math maximum may md md5 me mechanism meet memory message messages
microsoft milter mime mins minute minutes mismatch mon monitor more most mozilla mt mt-priority mtp mtrk much
multiple must mx my mysql nagios name ndrs need negotiation nested net network never new newline newlines
nixspam nmap no no-soliciting non none nonexisting nonmail noop nordspam nostarttls nosuchuser not notfound
notification notify nov now ntlm null number nvd oauthbearer oct of office ok old on one onex online only open
opensmtpd openspf openssl options or orcpt order org other ou our out outbound outlook over overload overquota
own owned parallel parameters part password patch path per permission permissions permitted person phish pipe
pipeconnect pipelin pipelining plain please pleased pobox points polic policy poor port possibly post postfix
postgrey prdr pre precede pregreet pri priority problem processing prohibited prohibition proofpoint proto
protocol proxy prvs ptr pub public put qmail qualified quarantin queries query queue queued quickly quit quota
rate rbl rbls rc rcpt rcptdomainmax rcpthosts rcptmax rcpts rdns reached ready reason reasons reassembly
received recip recipient recipients recogni recognized record records referer refuse refused reject rejected
relay relaying relevant report reputation requests required requires requiretls reset resol resolution resolv
resolve resolver resources restart results ret return returnc returned reverse rfc rfc822 routing rrvs rsa rset
rules saml sasl sat saved sbl scanner sconosciuto score scored scram scram-sha-1 scram-sha-1-plus scram-sha-256
scram-sha-256-plus second seconds secs security secvuln seed send sendasdenied sender senderbase sendernot
senderscore sendgrid sending sendmail sep sequence server service session sessions sha sha1 shadowserver shodan
shut sieve signature simple simpleemailservice simultaneous sip size slow slower smtp smtpclientauthentication
smtplf smtps smtputf smtputf8 so soml soon sorbs source space spam spamcop spameatingmonkey spamhaus spamrats
specific spf spfbl spnego spoof spool sql sqlgrey ssl ssmtp start starttls state status storage subject
succeeded success successful such sun support supported surbl suspended suspicious syn sync synchroni syntax
system table talk talosintelligence tcp tcp4 tcp6 tcpdump temp temporarily temporary than that the their then
there this three throttl thu time timed timeout ting tls to too total trace traffic transactions transmission
trendmicro trojan truncate try tue turn two type uceprotect ugfzc un unable unauthenticated unauthori
unavailable unbekannt undeliverable unexpected unknown unrecogni unrecognized unresolvable unrouteable
unsolicited unusual unverified unwanted up uri uribl uris us user username users using utc utilisateur valid
verb verif verification verified verify version via violation virtual virus volume vrfy wanted was we web wed
welcome were when wiki wireshark with wiz won wpbl write www x-anonymoustls x-exps xbl xclient xcmd xexch
xforward xoauth xoauth2 yahoo yahoodns you your zen zgrab zimbra
`);

/** Parts of host names that name a role, a public service or a top level without a country. */
export const HOST_WORDS: ReadonlySet<string> = words(`
abuseat addr adsl amazonses aol arpa barracuda barracudacentral binaryedge biz broadband cable cbl censys client
cloudmark com corp cust customer dbl dhcp dial dialup dmarc dnsbl dnswl docs dovecot dsl dyn dynamic edu example
exim fastmail ftp gateway gmail gmx google googlemail gov gw help home host hotmail icloud ietf imap in inbound
info int internal intranet invalid invaluement ip ipv4 ipv6 kb lan live local localdomain localhost mail
mailchimp mailgun mailhost mailserver mailspike mandrill messagelabs microsoft mil mimecast mta mx net ns
office365 openspf org out outbound outlook pbl pool pop postfix postmark ppp private proofpoint protection
protonmail rbl relay reverse rfc sbl senderbase senderscore sendgrid sendmail server shadowserver shodan smtp
smtps sorbs spamcop spamhaus spamrats sparkpost static submission support surbl talosintelligence test tools
trendmicro uceprotect unassigned unknown uribl wiki www xbl yahoo yahoodns zen zoho
`);

/** Values of header fields. */
export const MIME_WORDS: ReadonlySet<string> = words(`
1252 7bit 8859 8bit alternative application ascii attachment auto base64 binary bits boundary bulk by charset
cipher delsp digest esmtp esmtpa esmtps esmtpsa filename flowed for format from generated gif high html http id
image inline iso jpeg list lmtp local low mailto message mixed multipart name no normal octet pdf plain png
printable quoted related replied report rfc822 signed smtp stream text tls unsubscribe us utf utf8 verify
version via windows with yes
`);

/** Parts of the names of header fields. */
export const HEADER_WORDS: ReadonlySet<string> = words(`
agent arc archive authentication auto bcc cc content date delivered description disposition dkim domainkey
encoding envelope errors exchange feedback flag from help id importance in ip language level list mailer message
mime ms organization original originalarrivaltime originating owner path post precedence priority received
references reply resent results return score seal sender signature spam status subject submitted to transfer
type unsubscribe user version x
`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
